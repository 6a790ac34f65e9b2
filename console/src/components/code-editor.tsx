import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';

/** Languages that the editor colours. */
export type CodeLanguage = 'json' | 'xml' | 'yaml' | 'text';

/** Something wrong in the text, at a line and column, both from 1. */
export interface CodeProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface CodeEditorProps {
  readonly value: string;
  readonly onChange?: (value: string) => void;
  readonly language: CodeLanguage;
  /** Its accessible name, e.g. `Settings as JSON`. */
  readonly label: string;
  readonly readOnly?: boolean;
  /** Shown at their lines, in the gutter and underlined. The first is scrolled to when they change. */
  readonly problems?: readonly CodeProblem[];
  /** Pixels; it grows with its text up to twice that, then scrolls. */
  readonly minHeight?: number;
}

// The editor is by far the largest thing that screens use, and few of them do.
const View = lazy(async () => ({ default: (await import('./code-editor-view.tsx')).CodeEditorView }));

/** A text editor for code. Esc, then Tab leaves it by keyboard. */
export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Skeleton height={props.minHeight ?? 160} radius="sm" aria-busy="true" />}>
      <View {...props} />
    </Suspense>
  );
}
