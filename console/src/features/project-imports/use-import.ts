import { useNavigate } from '@tanstack/react-router';
import type { Project } from '#core/model/project';
import { api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { nameTakenAtField } from '../projects/name-taken.ts';

/** Fields of the step Choose, for what the server refuses at Finish. */
const CHOSEN = ['displayName', 'contextPath', 'targetUrl', 'tags', 'scopes', 'service', 'port'];

interface ImportOptions {
  readonly address: string;
  readonly onStep: (step: number) => void;
  readonly onSending: (isSending: boolean) => void;
}

/** Makes the project and opens it. What is refused throws, after the step with that field is open. */
export function useImport({ address, onStep, onSending }: ImportOptions) {
  const navigate = useNavigate();
  return async (body: { readonly displayName: string } & Record<string, unknown>) => {
    onSending(true);
    try {
      const made = await nameTakenAtField(body.displayName, api.post<Project>(address, body));
      await refreshAll();
      await navigate({ to: `/projects/${made.name}`, search: { created: '1' } as never });
    } catch (error) {
      onSending(false);
      const field = error instanceof ApiProblem ? error.errors[0]?.pointer.split('/')[1] : undefined;
      if (field !== undefined && CHOSEN.includes(field)) onStep(1);
      throw error;
    }
  };
}
