import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { xml } from '@codemirror/lang-xml';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState, type Extension, type Text } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useId, useLayoutEffect, useRef } from 'react';
import { styleNonce } from '../theme/theme.ts';
import classes from './code-editor.module.css';
import type { CodeEditorProps, CodeLanguage, CodeProblem } from './code-editor.tsx';
import { editorTheme } from './code-editor-theme.ts';

const LANGUAGES: Readonly<Record<CodeLanguage, () => Extension>> = {
  json,
  xml: () => xml(),
  yaml: () => yaml(),
  text: () => [],
};

/** The editor itself, in a chunk of its own: use `CodeEditor`. */
export function CodeEditorView(props: CodeEditorProps) {
  const { value, onChange, language, label, readOnly = false, problems, minHeight = 160 } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const settings = useRef(new Compartment());
  const hint = useId();

  const configured = () => [
    LANGUAGES[language](),
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-describedby': hint,
      'aria-readonly': String(readOnly),
      // It can be focused anyway; written down, checkers know so too.
      tabindex: '0',
      // Esc is the first half of leaving the editor; a dialog around it stays open.
      'data-mantine-stop-propagation': 'true',
    }),
  ];

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is made once; what may change is told to it below
  useEffect(() => {
    if (place.current === null) return;
    const made = new EditorView({
      parent: place.current,
      doc: value,
      extensions: [
        EditorView.cspNonce.of(styleNonce()),
        lineNumbers(),
        lintGutter(),
        foldGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        EditorView.lineWrapping,
        keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, indentWithTab]),
        editorTheme,
        EditorView.theme({ '.cm-scroller': { minHeight: `${minHeight}px`, maxHeight: `${minHeight * 2}px` } }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed.current?.(update.state.doc.toString());
        }),
        settings.current.of(configured()),
      ],
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what `configured` reads is listed
  useEffect(() => {
    view.current?.dispatch({ effects: settings.current.reconfigure(configured()) });
  }, [language, readOnly, label]);

  // Before the next key can be typed: what comes back of an earlier one must not take it away.
  useLayoutEffect(() => {
    const { current } = view;
    if (current === null || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  const marks = JSON.stringify(problems ?? []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same problems in another list are no change
  useEffect(() => {
    const { current } = view;
    if (current === null) return;
    const found = (problems ?? []).map((problem) => diagnosticOf(current.state.doc, problem));
    current.dispatch(setDiagnostics(current.state, found));
    const [first] = found;
    if (first !== undefined) current.dispatch({ effects: EditorView.scrollIntoView(first.from, { y: 'center' }) });
  }, [marks]);

  return (
    <div>
      <div ref={place} className={classes.editor} />
      <div id={hint} className={classes.hint}>
        {readOnly ? 'Read only.' : 'Tab indents. Esc, then Tab leaves the editor.'}
      </div>
    </div>
  );
}

/** Where a problem is in the text. A line behind the end counts as the last, since texts change while problems stand. */
function diagnosticOf(text: Text, { line, column, message }: CodeProblem): Diagnostic {
  const at = text.line(Math.min(Math.max(line, 1), text.lines));
  const from = Math.min(at.from + Math.max(column - 1, 0), at.to);
  return { from, to: Math.max(at.to, from), severity: 'error', message };
}
