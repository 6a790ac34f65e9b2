import { Button, FileButton, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import { CodeEditor } from '../../components/code-editor.tsx';
import { languageOf, type Origin } from './document.ts';
import classes from './imports.module.css';

/** How a document is given, as far as it is given. */
export interface Draft {
  readonly kind: 'file' | 'url' | 'text';
  readonly file?: File;
  readonly url: string;
  readonly text: string;
}

/** Nothing is given yet. */
export const NO_DRAFT: Draft = { kind: 'file', url: '', text: '' };

/** The document that a draft gives; undefined while it gives none. A file has to be read first. */
export function originOf({ kind, url, text }: Draft): Origin | undefined {
  if (kind === 'url') return url.trim() === '' ? undefined : { url: url.trim() };
  return kind === 'text' && text.trim() !== '' ? { source: text } : undefined;
}

interface SourcePickerProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  /** Called with a file as soon as there is one. */
  readonly onFile: (file: File) => void;
  /** What is wanted, as in: Drop *an OpenAPI document* here. */
  readonly what: string;
  /** Endings of file names, for the file dialog. */
  readonly accept: string;
}

/** Where a document comes from: a file, an address, or pasted. */
export function SourcePicker({ draft, onChange, onFile, what, accept }: SourcePickerProps) {
  return (
    <Stack gap="sm">
      <div>
        <SegmentedControl
          aria-label="Where the document is"
          data={[
            { value: 'file', label: 'File' },
            { value: 'url', label: 'URL' },
            { value: 'text', label: 'Paste' },
          ]}
          value={draft.kind}
          onChange={(kind) => onChange({ ...draft, kind: kind as Draft['kind'] })}
        />
      </div>
      {draft.kind === 'file' && <DropArea what={what} accept={accept} file={draft.file} onFile={onFile} />}
      {draft.kind === 'url' && (
        <TextInput
          label="URL"
          description="The manager fetches it. References to other hosts are not followed."
          placeholder="https://example.com/openapi.yaml"
          type="url"
          required
          value={draft.url}
          onChange={(event) => onChange({ ...draft, url: event.currentTarget.value })}
        />
      )}
      {draft.kind === 'text' && (
        <CodeEditor
          label="The document"
          language={languageOf(draft.text)}
          value={draft.text}
          minHeight={240}
          onChange={(text) => onChange({ ...draft, text })}
        />
      )}
    </Stack>
  );
}

/** Where a file is dropped, or chosen. */
export function DropArea({
  what,
  accept,
  file,
  onFile,
}: {
  readonly what: string;
  readonly accept: string;
  readonly file: File | undefined;
  readonly onFile: (file: File) => void;
}) {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files.item(0);
    if (dropped !== null) onFile(dropped);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the button does the same
    <div
      className={classes.drop}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileImport size={24} stroke={1.5} aria-hidden="true" />
      <Text size="sm">{file === undefined ? `Drop ${what} here, or` : file.name}</Text>
      <FileButton accept={accept} onChange={(chosen) => chosen !== null && onFile(chosen)}>
        {(props) => (
          <Button {...props} variant="default" size="compact-md">
            {file === undefined ? 'Browse…' : 'Choose another…'}
          </Button>
        )}
      </FileButton>
    </div>
  );
}
