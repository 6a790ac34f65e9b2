import pc from 'picocolors';
import { plain, plainJson, plainLines, plainStyled } from './plain.ts';
import { type Column, tableLines } from './table.ts';

/** Where output goes. Node's streams fit. */
export interface TextStream {
  write(text: string): unknown;
}

/** Colours, or nothing in their place. */
export type Style = ReturnType<typeof pc.createColors>;

/** What an {@link Output} is made of. */
export interface OutputDeps {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly isTty: boolean;
  readonly columns: number | undefined;
  readonly json: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** stdout is the result; stderr is progress, warnings and errors. With `--json` only the document goes to stdout. */
export interface Output {
  readonly style: Style;
  readonly isJson: boolean;
  readonly isTty: boolean;
  /** A line of the result; nothing with `--json`. */
  line(text?: string): void;
  /** A line of progress, on stderr; nothing with `--json`. */
  note(text?: string): void;
  /** A warning, on stderr, whatever the form. */
  warn(text: string): void;
  /** The result as one JSON document; nothing without `--json`. On a terminal indented, else one line. */
  json(document: unknown): void;
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void;
  /** Text to stdout, whatever the form: as it is when piped, made safe on a terminal. */
  raw(text: string): void;
  /** Text to stderr, whatever the form. */
  error(text: string): void;
  /** Says what is being waited for: a spinner on a terminal, nothing elsewhere. */
  wait(text: string): Promise<{ say(text: string): void; stop(): void }>;
}

export function createOutput({ stdout, stderr, isTty, columns, json, env }: OutputDeps): Output {
  const style = pc.createColors(hasColours(env, isTty && !json));
  const styled = (text: string) => plainStyled(text, style.isColorSupported);
  return {
    style,
    isJson: json,
    isTty,
    line: (text = '') => void (json || stdout.write(`${styled(text)}\n`)),
    note: (text = '') => void (json || stderr.write(`${styled(text)}\n`)),
    warn: (text) => void stderr.write(styled(`${style.yellow('!')} ${text}\n`)),
    json: (document) => void (json && stdout.write(`${plainJson(document, isTty ? 2 : undefined)}\n`)),
    table(titles, rows) {
      if (json) return;
      const width = isTty ? columns || 100 : undefined;
      for (const line of tableLines(titles, rows, { width, title: style.dim })) stdout.write(`${styled(line)}\n`);
    },
    raw: (text) => void stdout.write(isTty ? plainLines(text) : text),
    error: (text) => void stderr.write(styled(text)),
    async wait(text) {
      if (!isTty || json) return { say: () => {}, stop: () => {} };
      const { default: yoctoSpinner } = await import('yocto-spinner');
      const spinner = yoctoSpinner({ text: plain(text) }).start();
      return {
        say(next) {
          spinner.text = plain(next);
        },
        stop: () => void spinner.stop(),
      };
    },
  };
}

/** NO_COLOR and FORCE_COLOR over what the terminal suggests. */
function hasColours(env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0') return true;
  return isTty && env.TERM !== 'dumb';
}
