import type { CliError } from './cli-error.ts';
import type { Output } from './output.ts';
import { plain, plainJson } from './plain.ts';
import { width } from './table.ts';

/**
 * Shows what could not be done: the sentence, its cause, what to do, and last `code · exit · docs`. With `--json` the same as one
 * document on stderr.
 * @param doing what was tried, as words behind "Cannot" (`deploy orders`); undefined: the message stands alone
 */
export function showError(out: Output, error: CliError, doing: string | undefined): void {
  if (out.isJson) {
    out.error(`${plainJson(errorDocument(error, doing))}\n`);
    return;
  }
  const { style } = out;
  const lines = [`${style.red('✖')} ${style.bold(plain(headline(error, doing)))}`];
  const wrong = error.isDetailSaid ? [] : error.errors;
  const detail = [
    ...error.lines,
    ...wrong.map(({ pointer, message }) => (pointer === '' ? message : `${pointer}  ${message}`)),
  ];
  if (detail.length > 0) lines.push('', ...detail.map((line) => `  ${plain(line)}`));
  if (error.fixes.length > 0) {
    lines.push('', `  ${style.bold(error.fixes.length === 1 ? 'Do this' : 'Do one of these')}`);
    const widest = Math.min(44, Math.max(...error.fixes.map(({ text }) => width(text))));
    for (const { text, command } of error.fixes) {
      const words = plain(text);
      if (command === undefined) lines.push(`    ${words}`);
      else if (width(words) > widest)
        lines.push(`    ${words}`, `    ${' '.repeat(widest)}   ${style.cyan(plain(command))}`);
      else lines.push(`    ${words}${' '.repeat(widest - width(words))}   ${style.cyan(plain(command))}`);
    }
  }
  const request = error.requestId === undefined ? '' : ` · request ${error.requestId}`;
  lines.push(
    '',
    style.dim(`  code ${error.code} · exit ${error.exit} · docs gatewright help errors ${error.code}${request}`),
  );
  out.error(`${lines.join('\n')}\n`);
}

function headline(error: CliError, doing: string | undefined): string {
  // The server may have said it itself.
  return doing === undefined || error.message.startsWith('Cannot ')
    ? error.message
    : `Cannot ${doing}: ${error.message}`;
}

function errorDocument(error: CliError, doing: string | undefined) {
  return {
    code: error.code,
    exit: error.exit,
    title: headline(error, doing),
    detail: error.message,
    ...(error.status !== undefined && { status: error.status }),
    ...(error.lines.length > 0 && { lines: error.lines }),
    ...(error.errors.length > 0 && { errors: error.errors }),
    ...(error.fixes.length > 0 && { fixes: error.fixes }),
    ...(error.requestId !== undefined && { requestId: error.requestId }),
  };
}
