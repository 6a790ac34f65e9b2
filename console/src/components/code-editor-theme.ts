import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';

/** What CodeMirror's own style colours, in our colours, which hold in both schemes. Anything else keeps the colour of text. */
const TONES: Readonly<Record<string, string>> = {
  '#708': 'var(--info)',
  '#219': 'var(--warn)',
  '#164': 'var(--warn)',
  '#a11': 'var(--ok)',
  '#e40': 'var(--ok)',
  '#00f': 'var(--info)',
  '#00c': 'var(--info)',
  '#085': 'var(--info)',
  '#167': 'var(--info)',
  '#256': 'var(--app-response)',
  '#940': 'var(--app-muted)',
  '#404740': 'var(--app-muted)',
  '#f00': 'var(--bad)',
};

const highlight = HighlightStyle.define(
  defaultHighlightStyle.specs.map(({ color, ...spec }) => {
    const tone = typeof color === 'string' ? TONES[color] : undefined;
    return { ...spec, ...(tone !== undefined && { color: tone }) };
  }),
);

const surface = EditorView.theme({
  '&': { color: 'inherit', backgroundColor: 'transparent', fontSize: '0.75rem' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'currentColor' },
  '.cm-gutters': { backgroundColor: 'var(--app-canvas)', color: 'var(--app-muted)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'currentColor' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--app-selected)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--app-selected)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
  },
  '.cm-lint-marker-error': {
    content: '""',
    width: '8px',
    height: '8px',
    margin: '5px 3px 0',
    background: 'var(--bad)',
  },
  '.cm-tooltip, .cm-panels': {
    backgroundColor: 'var(--app-surface)',
    color: 'inherit',
    border: '1px solid var(--app-border)',
  },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-panel.cm-panel-lint [aria-selected]': { backgroundColor: 'var(--app-selected)', color: 'inherit' },
});

/** The editor's look, made of the tokens of the theme: it follows the scheme without being told. */
export const editorTheme = [surface, syntaxHighlighting(highlight, { fallback: false })];
