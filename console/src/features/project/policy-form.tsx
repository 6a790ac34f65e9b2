import { Button, Group, Stack, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Policy } from '#core/model/policy';
import { api, path } from '../../api/client.ts';
import { isConflict } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { type Conflict, ConflictDialog } from '../../components/conflict-dialog.tsx';
import { LeaveGuard } from '../../components/form.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Failure } from '../../components/states.tsx';
import { readFields } from '../../schema-form/read-schema.ts';
import { settingsPatch } from '../../schema-form/settings-path.ts';
import { mended, profiled, withDefaults, withProfile } from '../oauth-profile/deviations.ts';
import { ProfileNote } from '../oauth-profile/profile-note.tsx';
import { FormOrJson, PolicyFields } from './policy-fields.tsx';
import type { PolicyType } from './policy-types.ts';
import classes from './project.module.css';
import { useProject } from './project-context.ts';
import { type PolicyContent, usePolicyDraft } from './use-policy-draft.ts';

interface PolicyFormProps {
  readonly project: string;
  readonly policy: Policy;
  readonly type: PolicyType;
  /** Name of the setting that has the focus at first, or a JSON pointer to it. */
  readonly focus?: string | undefined;
  /** Beside the choice between form and JSON. */
  readonly aside?: ReactNode;
  /** Between that and the fields. */
  readonly note?: ReactNode;
  /** Field of the address that says which policy is open, where the page has several. */
  readonly openBy?: string;
}

/** The settings of a policy. They are saved to the draft; what runs changes with the next deployment. */
export function PolicyForm({ project, policy, type, focus, aside, note, openBy }: PolicyFormProps) {
  const right = useRight('projects:write');
  const fields = useMemo(() => readFields(type.schema), [type]);
  const [base, setBase] = useState(policy);
  const draft = usePolicyDraft(fields, contentOf(base));
  const [problem, setProblem] = useState<unknown>();
  const [conflict, setConflict] = useState<{ readonly theirs: Policy; readonly shown: Conflict }>();
  const [isSending, setSending] = useState(false);
  const [isSaved, setSaved] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { isDirty } = draft;
  const { tokenProfile } = useProject().overview;
  const settings = withDefaults(draft.content.settings, fields);
  const found = profiled({ type: policy.type, config: settings }, tokenProfile);
  const [asked, setAsked] = useState<string>();

  // Saved elsewhere: it is taken over while nobody edits it here. Otherwise saving says that somebody was first.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about the policy having changed
  useEffect(() => {
    if (isDirty || policy.revision <= base.revision) return;
    setBase(policy);
    draft.reset(contentOf(policy));
  }, [policy]);

  const send = async (over: Policy) => {
    const { displayName, settings } = draft.content;
    const config = settingsPatch(over.config, settings);
    const saved = await api.patch<Policy>(
      path`/projects/${project}/policies/${policy.name}`,
      { ...(displayName !== over.displayName && { displayName }), ...(Object.keys(config).length > 0 && { config }) },
      over.revision,
    );
    setBase(saved);
    draft.reset(contentOf(saved));
    setSaved(true);
    await refreshAll();
  };
  const focusFirstBad = () =>
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  const save = async (event?: FormEvent) => {
    event?.preventDefault();
    event?.stopPropagation();
    setProblem(undefined);
    if (!draft.check()) return void focusFirstBad();
    setSending(true);
    try {
      await send(base);
    } catch (error) {
      if (isConflict(error)) await showConflict();
      else if (draft.refuse(error)) focusFirstBad();
      else setProblem(error);
    } finally {
      setSending(false);
    }
  };
  const showConflict = async () => {
    const theirs = await api.get<Policy>(path`/projects/${project}/policies/${policy.name}`);
    const titles = Object.fromEntries(fields.map(({ name, title }) => [name, title]));
    setConflict({
      theirs,
      shown: {
        by: theirs.updatedBy,
        at: theirs.updatedAt,
        theirs: { ...theirs.config, displayName: theirs.displayName },
        mine: { ...draft.content.settings, displayName: draft.content.displayName },
        titles,
      },
    });
  };

  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        void save();
      }}
    >
      <Stack gap="md">
        <Group justify="space-between" gap="xs">
          <FormOrJson draft={draft} />
          {aside}
        </Group>
        {note}
        {found !== undefined && draft.json === undefined && (
          <ProfileNote
            found={found}
            fields={fields}
            onGo={(pointer) => {
              // To the same one again, too.
              setAsked(undefined);
              requestAnimationFrame(() => setAsked(pointer));
            }}
            onMend={right.allowed ? (deviations) => draft.setSettings(mended(settings, deviations)) : undefined}
          />
        )}
        {problem !== undefined && <Failure what={`Could not save ${base.displayName}.`} error={problem} />}
        <PolicyFields
          draft={{
            ...draft,
            setSettings: (next) => draft.setSettings(withProfile(policy.type, draft.content.settings, next)),
          }}
          fields={fields}
          isReadOnly={!right.allowed}
          focus={asked ?? pointerTo(focus)}
        />
        <Group justify="space-between" gap="xs" className={classes.foot ?? ''}>
          <Text size="xs" c="dimmed" aria-live="polite">
            {isDirty ? 'Not saved' : isSaved ? 'Saved to draft' : ''}
          </Text>
          <Group gap="xs">
            <Button variant="default" disabled={!isDirty} onClick={() => draft.reset(contentOf(base))}>
              Discard
            </Button>
            <GuardedButton right={right} type="submit" disabled={!isDirty} loading={isSending}>
              Save to draft
            </GuardedButton>
          </Group>
        </Group>
      </Stack>
      <LeaveGuard isDirty={isDirty && !isSending} {...(openBy !== undefined && { within: openBy })} />
      <ConflictDialog
        conflict={conflict?.shown}
        onSaveMine={async () => conflict && send(conflict.theirs)}
        onClose={() => setConflict(undefined)}
      />
    </form>
  );
}

function contentOf({ displayName, config }: Policy): PolicyContent {
  return { displayName, settings: config };
}

function pointerTo(field: string | undefined): string | undefined {
  if (field === undefined || field === '') return undefined;
  return field.startsWith('/') ? field : `/${field}`;
}
