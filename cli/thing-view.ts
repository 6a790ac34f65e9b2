import { dateTime } from './duration.ts';
import type { Thing } from './noun.ts';
import type { Output } from './output.ts';
import { plain } from './plain.ts';

/** Who and when; said in one line at the end. */
const RECORD = new Set([
  'revision',
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
  'projectId',
  'clientId',
  'productId',
]);

/** Shows a thing's fields as YAML, with times as people read them. */
export async function showThing(out: Output, thing: Thing): Promise<void> {
  const { stringify } = await import('yaml');
  const fields = Object.entries(thing).filter(([field, value]) => !RECORD.has(field) && value !== undefined);
  const shown = Object.fromEntries(
    fields.map(([field, value]) => [field, isTime(field, value) ? dateTime(value) : value]),
  );
  for (const line of stringify(shown, { lineWidth: 0 }).trimEnd().split('\n')) out.line(plain(line));
  if (typeof thing.updatedAt === 'number') {
    out.line(
      out.style.dim(
        `# changed ${dateTime(thing.updatedAt)} by ${plain(String(thing.updatedBy))}, revision ${thing.revision}`,
      ),
    );
  }
}

function isTime(field: string, value: unknown): value is number {
  return field.endsWith('At') && typeof value === 'number';
}
