import { Button, Stack, Text, Title } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { UnusedPart } from '#core/model/import';
import { plural } from '../../components/format.ts';
import type { ReadDocument } from './document.ts';
import classes from './imports.module.css';

/** What a document has, in a sentence, and what of it is not used. */
export function WhatWasRead({ read: { preview, format } }: { readonly read: ReadDocument }) {
  return (
    <Stack gap="sm">
      <div className={classes.box} role="status">
        <div className={classes.head}>
          <IconCheck size={18} color="var(--ok)" aria-hidden="true" />
          <Title order={2} size="h3">
            {preview.sentence}
          </Title>
        </div>
        <Text size="sm" c="dimmed">
          {format === 'openapi'
            ? `${preview.title}, version ${preview.version}, OpenAPI ${preview.specification}`
            : `${preview.title}, ${preview.targetNamespace}`}
        </Text>
      </div>
      <NotUsed unused={preview.unused} />
    </Stack>
  );
}

/** How many unused parts are shown until all are asked for. */
const FIRST = 6;

/** Parts of the document that nothing is made of, and why: nothing is dropped in silence. */
export function NotUsed({ unused }: { readonly unused: readonly UnusedPart[] }) {
  const [isWhole, setWhole] = useState(unused.length <= FIRST + 1);
  if (unused.length === 0) return undefined;
  const shown = isWhole ? unused : unused.slice(0, FIRST);
  return (
    <section className={classes.box} aria-label="Not used">
      <Title order={2} size="h3" mb={4}>
        Not used
      </Title>
      <ul className={classes.lines}>
        {shown.map(({ what, places, line, pointer, message }) => (
          <li key={`${what} ${pointer}`}>
            <b>{what}</b>{' '}
            <Text span size="xs" c="dimmed">
              {places > 1 ? `${plural(places, 'place', 'places')}, first in line ${line}` : line > 0 && `line ${line}`}
            </Text>
            <br />
            {message}
          </li>
        ))}
      </ul>
      {!isWhole && (
        <Button variant="subtle" size="compact-sm" mt={4} onClick={() => setWhole(true)}>
          Show all {unused.length}
        </Button>
      )}
    </section>
  );
}
