import { createContext, use } from 'react';
import type { Endpoints } from '#core/model/endpoint';
import type { ProjectOverview } from '#core/model/overview/screens';
import type { Phase } from '#core/model/phase';
import type { Policy } from '#core/model/policy';
import type { PolicyType } from '../project/policy-types.ts';
import type { Place } from './attachments.ts';

/** What the parts of the resource editor need, and what they can do. */
export interface Editor {
  readonly overview: ProjectOverview;
  /** Name of the resource; left out: the project itself. */
  readonly resource: string | undefined;
  readonly types: readonly PolicyType[];
  readonly endpoints: Endpoints;
  readonly isReadOnly: boolean;
  /** The policy whose settings are open, by its name and endpoint. */
  readonly selected: { readonly policy: string; readonly phase: Phase } | undefined;
  readonly policyOf: (name: string) => Policy | undefined;
  readonly typeOf: (name: string) => PolicyType | undefined;
  /** Whether a policy may run at an endpoint and is not attached there yet. */
  readonly fits: (policy: string, phase: Phase) => boolean;
  readonly select: (policy: string, phase: Phase, isByKeyboard?: boolean) => void;
  readonly close: () => void;
  readonly change: (make: (now: Endpoints) => Endpoints) => void;
  readonly movePolicy: (from: Place, to: Place) => void;
  readonly detachPolicy: (place: Place) => void;
  readonly turnPolicy: (place: Place, enabled: boolean) => void;
  /** Attaches a policy that exists. */
  readonly attachPolicy: (policy: string, phase: Phase) => void;
  /** Makes a policy of a type and attaches it; asks for its settings first when it has none that must be given. */
  readonly attachNew: (type: PolicyType, phase: Phase) => Promise<void>;
  /** Tells assistive technology. */
  readonly announce: (sentence: string) => void;
}

export const EditorContext = createContext<Editor | undefined>(undefined);

/** The editor around a part of it. */
export function useEditor(): Editor {
  const editor = use(EditorContext);
  if (editor === undefined) throw new Error('A part of the resource editor stands outside of it.');
  return editor;
}
