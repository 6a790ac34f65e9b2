import { useState } from 'react';
import type { ProjectRow } from '#core/model/overview/screens';
import { sentenceOf } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';

/** How it went with one of several projects. */
export interface Outcome {
  readonly project: ProjectRow;
  readonly isDone: boolean;
  /** What was done, or why it was not. */
  readonly sentence: string;
}

/** Does the same to several projects, one after the other; what is refused for one does not stop the others. */
export function useBulk(projects: readonly ProjectRow[], act: (project: ProjectRow) => Promise<string>) {
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>();
  const [isRunning, setRunning] = useState(false);
  const run = async () => {
    setRunning(true);
    setOutcomes([]);
    for (const project of projects) {
      const outcome = await outcomeOf(project, act);
      setOutcomes((before = []) => [...before, outcome]);
    }
    setRunning(false);
    await refreshAll();
  };
  return { outcomes, isRunning, run };
}

async function outcomeOf(project: ProjectRow, act: (project: ProjectRow) => Promise<string>): Promise<Outcome> {
  try {
    return { project, isDone: true, sentence: await act(project) };
  } catch (error) {
    return { project, isDone: false, sentence: sentenceOf(error) };
  }
}
