import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';

const requirementsSchema = z.array(
  z.strictObject({
    specification: z.string(),
    title: z.string(),
    requirements: z.array(z.strictObject({ id: z.string(), section: z.string(), must: z.string() })),
  }),
);

/** Every requirement by its id, as the test's name: `RFC 6749 §5.1: …`. */
export const requirements: ReadonlyMap<string, string> = new Map(
  requirementsSchema
    .parse(parse(readFileSync(path.join(import.meta.dirname, 'requirements.yaml'), 'utf8')))
    .flatMap(({ specification, requirements: list }) =>
      list.map(({ id, section, must: sentence }) => [id, `${specification} ${section}: ${sentence}`] as const),
    ),
);

/** The test of one requirement, named by its section. */
export function must(id: string, check: () => Promise<void>): void {
  const name = requirements.get(id);
  if (name === undefined) throw new Error(`There is no requirement ${id} in requirements.yaml.`);
  test(name, check);
}
