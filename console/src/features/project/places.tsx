import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { PolicyPlace } from '#core/model/overview/screens';
import { PHASE_TITLES } from '#core/model/phase';
import { Link } from '../../components/link.tsx';
import { ALL_RESOURCES } from './addresses.ts';
import classes from './project.module.css';

/** How many places are listed until all are asked for. */
const FIRST = 4;

/** Where a policy is attached, each a link to it there. */
export function Places({ project, places }: { readonly project: string; readonly places: readonly PolicyPlace[] }) {
  const [isWhole, setWhole] = useState(places.length <= FIRST + 1);
  const shown = isWhole ? places : places.slice(0, FIRST);
  return (
    <ul className={classes.places}>
      {shown.map(({ policy, resource, resourceDisplayName, endpoint, enabled }) => (
        <li key={`${resource ?? ''} ${endpoint}`}>
          <Link
            to="/projects/$project/resources/{-$resource}"
            params={{ project, resource: resource ?? ALL_RESOURCES } as never}
            search={{ policy, at: endpoint } as never}
          >
            {resourceDisplayName ?? 'All resources'} · {PHASE_TITLES[endpoint]}
          </Link>
          {!enabled && ' (off)'}
        </li>
      ))}
      {!isWhole && (
        <li>
          <Button variant="subtle" size="compact-xs" onClick={() => setWhole(true)}>
            {places.length - FIRST} more
          </Button>
        </li>
      )}
      {places.length === 0 && (
        <li>
          <Text size="sm" c="dimmed">
            Nowhere
          </Text>
        </li>
      )}
    </ul>
  );
}
