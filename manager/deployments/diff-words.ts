const FIELD_WORDS: Readonly<Record<string, string>> = {
  secureWith: 'Secure API with',
  securePolicy: 'policy of Secure API with',
  contextPath: 'proxy context path',
  displayName: 'display name',
  allowPathForms: 'allowed path forms',
  keepContextPath: 'keep context path',
  urls: 'URLs',
  verifyTls: 'verify TLS',
  tokenIn: 'access token location',
  scopeMatch: 'match scopes',
};

/** A field's name as words: `accessTokenExpiryMs` → `access token expiry`. */
export function fieldWords(field: string): string {
  return (
    FIELD_WORDS[field] ??
    field
      .replace(/(?:Ms|Bytes)$/, '')
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
  );
}

/** A value as words: `none`, `on`, `10 min`, `orders:read, orders:write`; long texts are cut. */
export function valueWords(field: string, value: unknown): string {
  if (value === undefined || value === null || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return numberWords(field, value);
  if (typeof value === 'string') return cut(value);
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    return items.length === 0 ? 'none' : cut(items.map((item) => itemWords(item)).join(', '));
  }
  return cut(JSON.stringify(value));
}

/** A name in quotation marks. */
export function quoted(name: string): string {
  return `“${name}”`;
}

function numberWords(field: string, value: number): string {
  if (field.endsWith('Ms')) return exactDuration(value);
  return field.endsWith('Bytes') ? `${value} bytes` : String(value);
}

/** A duration in its largest unit without rest, so that two different ones never read alike. */
function exactDuration(ms: number): string {
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ];
  const [unit, size] = units.find(([, unitMs]) => ms >= unitMs && ms % unitMs === 0) ?? ['ms', 1];
  return `${ms / size} ${unit}`;
}

/** An item of a list. Target URLs, scopes and name/value rows have a short form of their own. */
function itemWords(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  if ('url' in item)
    return 'weight' in item && item.weight !== 1 ? `${item.url} (weight ${item.weight})` : `${item.url}`;
  if ('scope' in item) return 'default' in item && item.default === true ? `${item.scope} (default)` : `${item.scope}`;
  if ('policy' in item) return 'enabled' in item && item.enabled === false ? `${item.policy} (off)` : `${item.policy}`;
  if ('name' in item && 'value' in item) return `${item.name}=${item.value}`;
  return JSON.stringify(item);
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}
