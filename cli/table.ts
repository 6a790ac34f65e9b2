import { plain } from './plain.ts';

/** One column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly align?: 'right';
  /** Never cut: what is copied from here, such as ids and names. */
  readonly isWhole?: boolean;
}

/** How a table is to be written. */
export interface TableStyle {
  /** Columns of the terminal; undefined: piped, so tab-separated without titles and nothing is cut. */
  readonly width: number | undefined;
  readonly title: (text: string) => string;
}

const GAP = 2;
const LEAST = 6;

/** Lines of a table. The widest columns give way until it fits the terminal; what is cut ends in `…`. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TableStyle,
): string[] {
  const cells = rows.map((row) => columns.map((_, i) => plain(row[i] ?? '')));
  if (style.width === undefined) return cells.map((row) => row.join('\t'));
  const widths = fit(
    columns.map(({ title }, i) => Math.max(width(title), ...cells.map((row) => width(row[i] ?? '')))),
    style.width,
    columns.map(({ isWhole }) => isWhole === true),
  );
  const line = (row: readonly string[]) =>
    columns
      .map(({ align }, i) => pad(cut(row[i] ?? '', widths[i] ?? 0), widths[i] ?? 0, align))
      .join(' '.repeat(GAP))
      .trimEnd();
  return [style.title(line(columns.map(({ title }) => title))), ...cells.map(line)];
}

function fit(wanted: readonly number[], width: number, whole: readonly boolean[]): number[] {
  const widths = [...wanted];
  let over = widths.reduce((sum, n) => sum + n, 0) + GAP * (widths.length - 1) - width;
  while (over > 0) {
    const most = Math.max(...widths.filter((_, i) => whole[i] !== true));
    if (most <= LEAST) break;
    const widest = widths.findIndex((n, i) => n === most && whole[i] !== true);
    widths[widest] = most - 1;
    over -= 1;
  }
  return widths;
}

/** Cells that a text takes on a terminal: code points, wide ones twice, combining marks none. */
export function width(text: string): number {
  let n = 0;
  for (const char of text) n += MARK.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return n;
}

const MARK = /\p{M}/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function cut(text: string, limit: number): string {
  if (width(text) <= limit) return text;
  let kept = '';
  for (const char of text) {
    if (width(kept) + width(char) > limit - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

function pad(text: string, to: number, align: 'right' | undefined): string {
  const fill = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'right' ? fill + text : text + fill;
}
