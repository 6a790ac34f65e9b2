import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { KINDS, schemaNameOf } from '../files/layout.ts';
import { readSchemas, type Schemas } from '../files/project-state.ts';
import { editorSchemas, schemaText } from '../files/schemas.ts';
import { nearest } from '../nearest.ts';
import type { Session } from '../session.ts';

/** `gatewright schema`: the JSON Schemas of the files of export and apply, for editors and for checks elsewhere. */
export const schemaCommand: Run = async (session, input) => {
  const { out } = session;
  const kind = input.argument(0);
  const dir = input.text('out');
  session.doing = 'write schemas';
  const names = KINDS.map(schemaNameOf);
  if (kind !== '' && !names.includes(kind)) {
    const near = nearest(kind, names);
    throw usageError(`There is no kind of file named ${kind}.${near === undefined ? '' : ` Did you mean ${near}?`}`, [
      { text: `There are: ${names.join(', ')}.` },
    ]);
  }
  if (kind === '' && dir === undefined)
    throw usageError('Name a kind, or a folder for all of them with --out.', [
      { text: 'For example:', command: 'gatewright schema project' },
      { text: 'Or:', command: 'gatewright schema --out ./schemas' },
    ]);
  const isPolicyAsked = kind === '' || kind === 'policy';
  const schemas = editorSchemas(isPolicyAsked ? await policySchemas(session) : new Map());
  const wanted = [...schemas].filter(([name]) => kind === '' || name === kind);
  if (dir === undefined) {
    for (const [, schema] of wanted) out.raw(schemaText(schema));
    return EXIT.done;
  }
  const folder = path.resolve(session.cwd, dir);
  const files = wanted.map(([name, schema]) => {
    const file = path.join(folder, `${name}.json`);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, schemaText(schema));
    } catch (error) {
      throw new CliError(`${file} cannot be written: ${error instanceof Error ? error.message : 'unknown error'}.`, {
        cause: error,
      });
    }
    return `${name}.json`;
  });
  out.json({ dir: folder, files });
  out.line(out.style.bold(`Wrote ${files.length} ${files.length === 1 ? 'schema' : 'schemas'} to ${dir}.`));
  return EXIT.done;
};

/** The settings of policy types are the server's; without one a policy's settings are not described. */
async function policySchemas(session: Session): Promise<Schemas> {
  try {
    return await readSchemas(await session.api());
  } catch (error) {
    if (!(error instanceof CliError) || error.exit !== EXIT.unreachable) throw error;
    session.out.warn('Without a server the settings of policies are not described.');
    return new Map();
  }
}
