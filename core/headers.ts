/**
 * A message's header fields as one flat array `[name, value, name, value, …]`, in wire order and spelling: what Node reads and writes
 * without building an object a request. Names compare without case. Methods that take a name want it in lower case.
 */
export class HeaderList {
  /** The flat array itself. Writers of the hot path may read it; everything else uses the methods. */
  readonly raw: string[];

  constructor(raw: string[] = []) {
    this.raw = raw;
  }

  /** Makes a list from name/value pairs. */
  static of(fields: Readonly<Record<string, string>>): HeaderList {
    return new HeaderList(Object.entries(fields).flat());
  }

  /** The first value of a field, or undefined. */
  get(lowerName: string): string | undefined {
    const raw = this.raw;
    for (let i = 0; i < raw.length; i += 2) {
      if (isName(raw[i], lowerName)) return raw[i + 1];
    }
    return undefined;
  }

  /** Every value of a field, in order. */
  all(lowerName: string): string[] {
    const values: string[] = [];
    const raw = this.raw;
    for (let i = 0; i < raw.length; i += 2) {
      const value = raw[i + 1];
      if (value !== undefined && isName(raw[i], lowerName)) values.push(value);
    }
    return values;
  }

  /** How often a field occurs: more than once is refused for Authorization, Host, Content-Length. */
  count(lowerName: string): number {
    let n = 0;
    const raw = this.raw;
    for (let i = 0; i < raw.length; i += 2) if (isName(raw[i], lowerName)) n += 1;
    return n;
  }

  has(lowerName: string): boolean {
    return this.get(lowerName) !== undefined;
  }

  /** Replaces every occurrence by one, spelled as given. */
  set(name: string, value: string): void {
    this.remove(name.toLowerCase());
    this.raw.push(name, value);
  }

  /** Adds an occurrence. */
  add(name: string, value: string): void {
    this.raw.push(name, value);
  }

  /** Removes every occurrence. */
  remove(lowerName: string): void {
    const raw = this.raw;
    let kept = 0;
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i] ?? '';
      if (isName(name, lowerName)) continue;
      raw[kept] = name;
      raw[kept + 1] = raw[i + 1] ?? '';
      kept += 2;
    }
    raw.length = kept;
  }
}

function isName(name: string | undefined, lowerName: string): boolean {
  return (
    name !== undefined && name.length === lowerName.length && (name === lowerName || name.toLowerCase() === lowerName)
  );
}
