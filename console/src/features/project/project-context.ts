import { createContext, use } from 'react';
import type { ProjectOverview } from '#core/model/overview/screens';

/** The project whose page is open. */
export interface OpenProject {
  readonly overview: ProjectOverview;
  /** Name of the resource that was asked for; `overview.resource` is it, unless the answer is still on its way. */
  readonly resource: string | undefined;
}

export const ProjectContext = createContext<OpenProject | undefined>(undefined);

/** The project around a tab. */
export function useProject(): OpenProject {
  const project = use(ProjectContext);
  if (project === undefined) throw new Error('A tab stands outside of its project.');
  return project;
}
