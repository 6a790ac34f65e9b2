import { open } from 'node:fs/promises';
import path from 'node:path';
import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { plain } from '../plain.ts';

const FORMATS = ['csv', 'json', 'jsonl'];

/** `gatewright audit export`: the whole trail to a file, or to stdout. */
export const auditExport: Run = async (session, input) => {
  const format = input.text('format') ?? 'jsonl';
  if (!FORMATS.includes(format)) throw usageError(`"${plain(format)}" is no format. Write ${FORMATS.join(', ')}.`);
  session.doing = 'export the audit trail';
  const { out } = session;
  const file = input.text('out');
  const body = await (await session.api()).stream('/audit/export', { format });
  if (file === undefined) {
    const decoder = new TextDecoder();
    for await (const chunk of body) out.raw(decoder.decode(chunk, { stream: true }));
    return EXIT.done;
  }
  await using handle = await open(path.resolve(session.cwd, file), 'w', 0o600).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new CliError(`${file} could not be written: ${code}.`, { cause: error });
  });
  let bytes = 0;
  for await (const chunk of body) {
    await handle.writeFile(chunk);
    bytes += chunk.length;
  }
  out.json({ file, format, bytes });
  out.line(`Written to ${plain(file)} (${Math.ceil(bytes / 1024)} KB).`);
  return EXIT.done;
};
