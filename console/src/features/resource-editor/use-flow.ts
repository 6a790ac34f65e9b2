import { useCallback, useEffect, useRef, useState } from 'react';
import type { Endpoints } from '#core/model/endpoint';
import { PHASES } from '#core/model/phase';
import { api, path } from '../../api/client.ts';
import { isConflict } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { tellFailure } from '../../components/notify.ts';
import { isSame } from '../../schema-form/settings-path.ts';

/** Whose endpoints are edited. */
export interface FlowPlace {
  readonly project: string;
  /** Left out: those of the project itself. */
  readonly resource: string | undefined;
}

/** The endpoints on screen, and how they are changed. */
export interface FlowState {
  readonly endpoints: Endpoints;
  /** Shows other endpoints at once and saves them to the draft; when that fails the old ones are back, and it is said why. */
  readonly change: (make: (now: Endpoints) => Endpoints) => void;
}

/**
 * Endpoints that are changed at once on screen. Changes are saved one after the other, each against the revision that the one before has
 * made, so that nobody's change in between is lost.
 */
export function useFlow(
  place: FlowPlace,
  saved: { readonly endpoints: Endpoints; readonly revision: number },
): FlowState {
  const { project, resource } = place;
  const [shown, setShown] = useState<Endpoints>();
  const latest = useRef(saved.endpoints);
  const revision = useRef(saved.revision);
  const queue = useRef(Promise.resolve());
  const waiting = useRef(0);
  // Counts the failures: changes that were made on top of one that failed are not sent.
  const epoch = useRef(0);

  useEffect(() => {
    if (waiting.current > 0) return;
    latest.current = saved.endpoints;
    revision.current = saved.revision;
  }, [saved.endpoints, saved.revision]);

  const change = useCallback(
    (make: (now: Endpoints) => Endpoints) => {
      const before = latest.current;
      const after = make(before);
      if (isSame(before, after)) return;
      const begun = epoch.current;
      latest.current = after;
      setShown(after);
      waiting.current++;
      const send = async () => {
        if (begun === epoch.current) {
          try {
            await save({ project, resource }, { before, after, revision: revision.current });
            revision.current++;
          } catch (error) {
            epoch.current++;
            latest.current = before;
            setShown(before);
            tellFailure('Could not save the change.', isConflict(error) ? new Error(TAKEN_OVER) : error);
          }
        }
        waiting.current--;
        if (waiting.current > 0) return;
        await refreshAll();
        if (waiting.current === 0) setShown(undefined);
      };
      queue.current = queue.current.then(send);
    },
    [project, resource],
  );
  return { endpoints: shown ?? saved.endpoints, change };
}

const TAKEN_OVER =
  'Somebody changed the policies here meanwhile. What you see now is theirs; do yours again if it is still right.';

/** Saves what differs: one endpoint by itself, several together, so that a policy is never in two or in none. */
async function save(
  { project, resource }: FlowPlace,
  change: { readonly before: Endpoints; readonly after: Endpoints; readonly revision: number },
): Promise<void> {
  const { before, after, revision } = change;
  const owner = resource === undefined ? path`/projects/${project}` : path`/projects/${project}/resources/${resource}`;
  const [first, ...others] = PHASES.filter((phase) => !isSame(before[phase], after[phase]));
  if (first === undefined) return;
  if (others.length === 0) await api.put(`${owner}/endpoints/${first}`, { attachments: after[first] }, revision);
  else await api.patch(owner, { endpoints: after }, revision);
}
