/** What stores keep, as `sizes()` names it. */
export type RecordKind = 'access' | 'refresh' | 'codes' | 'grants' | 'transients' | 'once' | 'consents';
