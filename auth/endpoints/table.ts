import type { EndpointType } from './endpoint.ts';

/** The end points below an issuer. A new one: its file, and its line here. */
export const ENDPOINTS: readonly EndpointType[] = [];
