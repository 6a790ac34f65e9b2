import { Button, Title, VisuallyHidden } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Attachment, Endpoints } from '#core/model/endpoint';
import { PHASES, type Phase } from '#core/model/phase';
import type { Policy } from '#core/model/policy';
import { useRight } from '../../api/session.ts';
import { Lines } from '../../components/loaded.tsx';
import { tellFailure } from '../../components/notify.ts';
import { useUrlState } from '../../components/url-state.ts';
import { readFields } from '../../schema-form/read-schema.ts';
import { addPolicy, freeName, NewPolicyDialog } from '../project/new-policy-dialog.tsx';
import { type PolicyType, usePolicyTypes } from '../project/policy-types.ts';
import { useProject } from '../project/project-context.ts';
import { attach, detach, move, type Place, placeOf, turn } from './attachments.ts';
import { type Editor, EditorContext } from './editor-context.ts';
import { Flow } from './flow.tsx';
import { OrderWarnings } from './order-warnings.tsx';
import { PolicyPanel } from './policy-panel.tsx';
import { ResourceBar } from './resource-bar.tsx';
import classes from './resource-editor.module.css';
import { movedSentence } from './sentences.ts';
import { useFlow } from './use-flow.ts';

/** The policies of a resource, or of the project itself, at the four endpoints of a call's way. */
export function ResourceEditor() {
  const { overview, resource } = useProject();
  const shown = overview.resource;
  if (resource !== undefined && shown?.name !== resource) return <Lines count={8} />;
  const saved = resource === undefined ? overview.project : shown;
  if (saved === undefined) return <Lines count={8} />;
  return <FlowEditor key={saved.id} saved={saved} />;
}

function FlowEditor({ saved }: { readonly saved: { readonly endpoints: Endpoints; readonly revision: number } }) {
  const { overview, resource } = useProject();
  const { project, policies } = overview;
  const types = usePolicyTypes();
  const right = useRight('projects:write');
  const [url, setUrl] = useUrlState();
  const { endpoints, change } = useFlow({ project: project.name, resource }, saved);
  const [said, announce] = useState('');
  const [isByKeyboard, setByKeyboard] = useState(false);
  const [asked, setAsked] = useState<{ readonly type: PolicyType; readonly phase: Phase }>();
  const focus = useFocusAfterRender();
  const undo = useUndo(change);

  const selected = useMemo(() => selectionOf(url.policy, url.at, endpoints, policies), [url, endpoints, policies]);
  const policyOf = (name: string) => policies.find((policy) => policy.name === name);
  const typeOf = (name: string) => types.find((type) => type.name === name);
  const nameOf = (policy: string) => policyOf(policy)?.displayName ?? policy;
  const fits = (policy: string, phase: Phase) =>
    placeOf(endpoints, phase, policy) === undefined &&
    typeOf(policyOf(policy)?.type ?? '')?.phases.includes(phase) === true;

  const editor: Editor = {
    overview,
    resource,
    types,
    endpoints,
    isReadOnly: !right.allowed,
    selected,
    policyOf,
    typeOf,
    fits,
    announce,
    change,
    select: (policy, phase, isKey = false) => {
      setByKeyboard(isKey);
      setUrl({ policy, at: phase, field: undefined });
    },
    close: () => {
      if (selected !== undefined) focus(`${selected.phase}/${selected.policy}`);
      setUrl({ policy: undefined, at: undefined, field: undefined });
    },
    movePolicy: (from, to) => {
      const attachment = endpoints[from.phase][from.index];
      if (attachment === undefined) return;
      change((now) => movedIn(now, attachment.policy, { from, to }));
      const count = endpoints[to.phase].length + (from.phase === to.phase ? 0 : 1);
      announce(movedSentence(nameOf(attachment.policy), to.index, count, to.phase));
      focus(`${to.phase}/${attachment.policy}`);
      if (selected?.policy === attachment.policy && selected.phase === from.phase)
        setUrl({ policy: attachment.policy, at: to.phase });
    },
    detachPolicy: (place) => {
      const attachment = endpoints[place.phase][place.index];
      if (attachment === undefined) return;
      change((now) => {
        const current = placeOf(now, place.phase, attachment.policy);
        return current === undefined ? now : detach(now, current);
      });
      const next = endpoints[place.phase][place.index + 1] ?? endpoints[place.phase][place.index - 1];
      focus(next === undefined ? undefined : `${place.phase}/${next.policy}`, place.phase);
      announce(`${nameOf(attachment.policy)} is detached`);
      if (selected?.policy === attachment.policy && selected.phase === place.phase)
        setUrl({ policy: undefined, at: undefined });
      undo(nameOf(attachment.policy), attachment, place, () => {
        announce(`${nameOf(attachment.policy)} is attached again`);
        focus(`${place.phase}/${attachment.policy}`);
      });
    },
    turnPolicy: (place, enabled) => {
      const attachment = endpoints[place.phase][place.index];
      if (attachment === undefined) return;
      change((now) => {
        const current = placeOf(now, place.phase, attachment.policy);
        return current === undefined ? now : turn(now, current, enabled);
      });
      announce(`${nameOf(attachment.policy)} is ${enabled ? 'on' : 'off'}`);
    },
    attachPolicy: (policy, phase) => attachAndOpen(policy, phase),
    attachNew: async (type, phase) => {
      // Settings without a default have to be given first.
      if (readFields(type.schema).some(({ isRequired }) => isRequired)) return setAsked({ type, phase });
      const taken = policies.map(({ displayName }) => displayName);
      try {
        const made = await addPolicy(project.name, { type: type.name, displayName: freeName(type.title, taken) });
        attachAndOpen(made.name, phase);
      } catch (error) {
        tellFailure(`Could not add ${type.title}.`, error);
      }
    },
  };

  function attachAndOpen(policy: string, phase: Phase) {
    change((now) =>
      placeOf(now, phase, policy) === undefined ? attach(now, { policy, enabled: true }, { phase }) : now,
    );
    const count = endpoints[phase].length + 1;
    announce(`${nameOf(policy)} attached at ${movedSentence('', count - 1, count, phase).replace(/^ moved to /, '')}`);
    setByKeyboard(false);
    setUrl({ policy, at: phase, field: undefined });
    focus(`${phase}/${policy}`);
  }

  return (
    <EditorContext value={editor}>
      <div className={classes.editor} data-open={selected !== undefined || undefined}>
        <div className={classes.work}>
          <ResourceBar />
          <div className={classes.title}>
            <Title order={2}>Policy configuration</Title>
            {right.allowed && (
              <span className={classes.hint}>Policies run top to bottom. Drag them, or press Alt + ↑ ↓.</span>
            )}
          </div>
          <OrderWarnings />
          <Flow />
          <VisuallyHidden role="status">{said}</VisuallyHidden>
        </div>
        {selected !== undefined && <PolicyPanel hasFocus={isByKeyboard} />}
      </div>
      <NewPolicyDialog
        project={project.name}
        type={asked?.type}
        taken={policies.map(({ displayName }) => displayName)}
        onClose={() => setAsked(undefined)}
        onMade={(made) => asked && attachAndOpen(made.name, asked.phase)}
      />
    </EditorContext>
  );
}

/** The policy that the address names, when there is one; without an endpoint where it is attached first. */
function selectionOf(
  policy: string | undefined,
  at: string | undefined,
  endpoints: Endpoints,
  policies: readonly Policy[],
): Editor['selected'] {
  if (policy === undefined || !policies.some(({ name }) => name === policy)) return undefined;
  const phase =
    PHASES.find((known) => known === at) ?? PHASES.find((known) => placeOf(endpoints, known, policy) !== undefined);
  return { policy, phase: phase ?? 'proxyRequest' };
}

/** A policy moved to a place, wherever it stands by now. */
function movedIn(
  now: Endpoints,
  policy: string,
  { from, to }: { readonly from: Place; readonly to: Place },
): Endpoints {
  const current = placeOf(now, from.phase, policy);
  return current === undefined ? now : move(now, current, to);
}

const UNDO_MS = 8_000;

/** Says that a policy was detached, for eight seconds in which it can be undone. */
function useUndo(change: Editor['change']) {
  return useCallback(
    (name: string, attachment: Attachment, place: Place, onUndone: () => void) => {
      const id = `detached ${place.phase} ${attachment.policy}`;
      const putBack = () => {
        notifications.hide(id);
        change((now) =>
          placeOf(now, place.phase, attachment.policy) === undefined ? attach(now, attachment, place) : now,
        );
        onUndone();
      };
      notifications.show({
        id,
        autoClose: UNDO_MS,
        closeButtonProps: { 'aria-label': 'Close' },
        message: (
          <span>
            {name} is detached.{' '}
            <Button size="compact-xs" variant="default" onClick={putBack}>
              Undo
            </Button>
          </span>
        ),
      });
    },
    [change],
  );
}

/** Puts the focus on a card once it is drawn where it is then; without one, on the Add policy button of an endpoint. */
function useFocusAfterRender() {
  const wanted = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (wanted.current === undefined) return;
    const element = document.querySelector<HTMLElement>(wanted.current);
    if (element === null) return;
    wanted.current = undefined;
    element.focus();
  });
  return (card: string | undefined, phase?: Phase) => {
    wanted.current = card === undefined ? `[data-add="${phase}"]` : `[data-card="${CSS.escape(card)}"]`;
  };
}
