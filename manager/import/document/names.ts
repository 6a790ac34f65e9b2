import { displayNameSchema, slugOf } from '#core/model/name';

const MOST = 64;

/** Any text as a display name: what is not allowed in one becomes a space. Empty when nothing is left. */
export function displayNameOf(text: string): string {
  const plain = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N} ._–-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  const cut = [...plain].slice(0, MOST).join('').slice(0, MOST).trimEnd();
  return displayNameSchema.safeParse(cut).success ? cut : '';
}

/** Gives each thing a name and a display name that no other has. */
export class FreeNames {
  readonly #names: Set<string>;
  readonly #displayNames: Set<string>;

  constructor(taken: readonly { readonly name: string; readonly displayName: string }[]) {
    this.#names = new Set(taken.map(({ name }) => name));
    this.#displayNames = new Set(taken.map(({ displayName }) => displayName.toLowerCase()));
  }

  /** @param wish a display name @param fallback when nothing is left of it */
  take(wish: string, fallback: string): { readonly name: string; readonly displayName: string } {
    const base = wish === '' || slugOf(wish) === '' ? fallback : wish;
    for (let i = 1; ; i += 1) {
      const ending = i === 1 ? '' : ` ${i}`;
      const displayName = `${base.slice(0, MOST - ending.length).trimEnd()}${ending}`;
      const slug = slugOf(base);
      const name = i === 1 ? slug : `${slug.slice(0, MOST - ending.length).replace(/-+$/, '')}-${i}`;
      if (this.#names.has(name) || this.#displayNames.has(displayName.toLowerCase())) continue;
      this.#names.add(name);
      this.#displayNames.add(displayName.toLowerCase());
      return { name, displayName };
    }
  }
}
