import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useBlocker } from '@tanstack/react-router';
import { type FormEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { api } from '../api/client.ts';
import { ApiProblem, isConflict, sentenceOf } from '../api/problem.ts';
import type { Right } from '../api/session.ts';
import { type Conflict, ConflictDialog } from './conflict-dialog.tsx';
import { Dialog } from './dialog.tsx';
import { GuardedButton } from './guarded.tsx';
import { Failure } from './states.tsx';

interface FormProps<Values extends Record<string, unknown>> {
  readonly form: UseFormReturnType<Values>;
  /**
   * Sends it; what it throws is shown, beside the fields it is about where it says so. `ifMatch`: the revision that is edited, or `*` to
   * save over what somebody else saved. It gives back what was saved when that is edited on.
   */
  readonly onSubmit: (values: Values, ifMatch: number | '*') => Promise<unknown>;
  /** What is edited: where it is read, and its revision when the form was opened. Somebody else's save is then shown, not overwritten. */
  readonly edited?: { readonly address: string; readonly revision: number };
  /** What is done, for a failure: `Could not create the project.` */
  readonly failure: string;
  /** The name of a field for a JSON pointer of the API, where it is not the pointer's first part. */
  readonly fieldOf?: (pointer: string) => string | undefined;
  /** The submit button's words, e.g. `Finish`; left out: `footer` has its own. */
  readonly submit?: string;
  readonly onCancel?: () => void;
  /** Who has not the right reads what is set, and which role a change needs. */
  readonly right?: Right;
  readonly footer?: (state: { readonly isSending: boolean }) => ReactNode;
  /** Ask before unsaved edits are left. */
  readonly guard?: boolean;
  readonly children: ReactNode;
}

/**
 * A form: it is checked on blur and on submit; after a failed submit an alert says how many fields are wrong, and the first of them has
 * the focus. Ctrl+Enter submits. What the API refuses stands at its field.
 */
export function Form<Values extends Record<string, unknown>>(props: FormProps<Values>) {
  const { form, onSubmit, failure, fieldOf, children, right = { allowed: true, reason: undefined } } = props;
  const [problem, setProblem] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  // Before that an error stands at its field only: a list that comes when a field is left moves what one is about to press.
  const [isTried, setTried] = useState(false);
  const element = useRef<HTMLFormElement>(null);

  // The revision that was opened: what is asked anew meanwhile is not what is edited.
  const revision = useRef<number | '*'>(props.edited?.revision ?? '*');
  const [conflict, setConflict] = useState<Conflict>();

  const save = async (ifMatch: number | '*') => {
    const saved = await onSubmit(form.getValues(), ifMatch);
    if (hasRevision(saved)) revision.current = saved.revision;
    form.resetDirty();
    setTried(false);
  };
  const showConflict = async (address: string) => {
    const theirs = await api.get<Saved>(address);
    const mine = form.getValues();
    const same = Object.fromEntries(Object.keys(mine).map((name) => [name, theirs[name]]));
    setConflict({ by: theirs.updatedBy, at: theirs.updatedAt, theirs: same, mine });
  };
  const focusFirstBad = () =>
    requestAnimationFrame(() => element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  const send = async (event: FormEvent) => {
    event.preventDefault();
    // A dialog inside another form is its child for React, though not in the page.
    event.stopPropagation();
    if (!right.allowed) return;
    setProblem(undefined);
    setTried(true);
    if (form.validate().hasErrors) return void focusFirstBad();
    setSending(true);
    try {
      await save(revision.current);
    } catch (error) {
      if (props.edited !== undefined && isConflict(error)) return void (await showConflict(props.edited.address));
      setProblem(showAtFields(form, error, fieldOf));
      focusFirstBad();
    } finally {
      setSending(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      element.current?.requestSubmit();
    }
  };

  return (
    <form ref={element} noValidate onSubmit={(event) => void send(event)} onKeyDown={onKeyDown}>
      <Stack gap="md">
        {isTried && <ErrorSummary errors={Object.entries(form.errors)} />}
        {problem !== undefined && <Failure what={failure} error={problem} />}
        {right.allowed ? (
          children
        ) : (
          <fieldset disabled style={{ display: 'contents' }}>
            {children}
          </fieldset>
        )}
        {props.footer?.({ isSending })}
        {props.submit !== undefined && (
          <Group justify="flex-end" gap="xs">
            {props.onCancel !== undefined && (
              <Button variant="default" onClick={props.onCancel}>
                Cancel
              </Button>
            )}
            <GuardedButton right={right} type="submit" loading={isSending}>
              {props.submit}
            </GuardedButton>
          </Group>
        )}
      </Stack>
      <ConflictDialog conflict={conflict} onSaveMine={() => save('*')} onClose={() => setConflict(undefined)} />
      {props.guard === true && <LeaveGuard isDirty={form.isDirty() && !isSending} />}
    </form>
  );
}

/** What every record tells of its last change. */
interface Saved extends Readonly<Record<string, unknown>> {
  readonly updatedBy: string;
  readonly updatedAt: number;
}

function hasRevision(saved: unknown): saved is { readonly revision: number } {
  return typeof saved === 'object' && saved !== null && 'revision' in saved && typeof saved.revision === 'number';
}

/** How many fields are wrong, and what is wrong with them: each a name that is unique, and a sentence. Nothing when all is well. */
export function ErrorSummary({ errors }: { readonly errors: readonly (readonly [string, ReactNode])[] }) {
  if (errors.length === 0) return undefined;
  return (
    <Alert
      role="alert"
      title={errors.length === 1 ? 'One field needs a change.' : `${errors.length} fields need a change.`}
      style={{ borderLeftColor: 'var(--bad)' }}
    >
      <List size="sm">
        {errors.map(([field, message]) => (
          <List.Item key={field}>{message}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** Puts what the API says of fields at them. Gives the problem back when some of it belongs to no field. */
export function showAtFields<Values extends Record<string, unknown>>(
  form: UseFormReturnType<Values>,
  error: unknown,
  fieldOf: ((pointer: string) => string | undefined) | undefined,
): unknown {
  if (!(error instanceof ApiProblem) || error.errors.length === 0) return error;
  const values = form.getValues();
  const errors: Record<string, string> = {};
  let isAllShown = true;
  for (const { pointer, message } of error.errors) {
    const field = fieldOf?.(pointer) ?? pointer.split('/')[1] ?? '';
    // A field within rows is named by its place: `urls.0.url`.
    if ((field.split('.')[0] ?? '') in values) errors[field] = message;
    else isAllShown = false;
  }
  form.setErrors(errors);
  return isAllShown ? undefined : new Error(error.errors.map(({ message }) => message).join(' ') || sentenceOf(error));
}

/** Asks before a page with unsaved edits is left. `within`: a field of the address that says what of the page is open. */
export function LeaveGuard({ isDirty, within }: { readonly isDirty: boolean; readonly within?: string }) {
  const opened = (search: unknown) => (within === undefined ? undefined : (search as Record<string, unknown>)[within]);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isDirty && (current.pathname !== next.pathname || opened(current.search) !== opened(next.search)),
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  return (
    <Dialog title="Leave without saving?" isOpen={blocker.status === 'blocked'} onClose={() => blocker.reset?.()}>
      <Stack>
        <Text size="sm">What you changed on this page is not saved.</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={() => blocker.reset?.()}>
            Stay
          </Button>
          <Button color="red" onClick={() => blocker.proceed?.()}>
            Leave
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
