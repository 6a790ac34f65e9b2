import { useEffect, useState } from 'react';
import type { Deployment } from '#core/model/deployment';
import { apiUrl, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';

/** How far a deployment is, as it happens. */
export interface Progress {
  readonly deployment: Deployment;
  readonly isSettled: boolean;
  /** The stream is gone and comes back by itself: what is shown may be old. */
  readonly isInterrupted: boolean;
}

/** True when every gateway has taken it, refused it or is lost. */
export function isSettled({ gateways }: Deployment): boolean {
  return gateways.every(({ state }) => state !== 'waiting');
}

/** Follows a deployment until every gateway has settled. */
export function useProgress(start: Deployment): Progress {
  const [told, setTold] = useState(start);
  const [isInterrupted, setInterrupted] = useState(false);
  const deployment = told.id === start.id ? told : start;
  const { id } = start;
  useEffect(() => {
    // Lists behind the dialog show it from its begin.
    void refreshAll();
    const events = new EventSource(apiUrl(path`/deployments/${id}/events`));
    events.addEventListener('progress', (event: MessageEvent<string>) => {
      const next = JSON.parse(event.data) as Deployment;
      setTold(next);
      setInterrupted(false);
      if (!isSettled(next)) return;
      // The server has said all: left open, the browser would ask again and again.
      events.close();
      void refreshAll();
    });
    events.addEventListener('error', () => setInterrupted(true));
    return () => events.close();
  }, [id]);
  const settled = isSettled(deployment);
  return { deployment, isSettled: settled, isInterrupted: isInterrupted && !settled };
}
