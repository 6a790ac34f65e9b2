import { Button, NumberInput, Stack, Switch, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Project } from '#core/model/project';
import { api, path } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { checkContextPath, checkDisplayName, checkTargetUrl } from '../../components/checks.ts';
import { Form, LeaveGuard } from '../../components/form.tsx';
import { tellFailure } from '../../components/notify.ts';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { nameTakenAtField } from '../projects/name-taken.ts';
import { BasicsFields } from './basics-fields.tsx';
import { checkScopes, OPEN, type Security, securityBody } from './security.ts';
import { SecurityFields } from './security-fields.tsx';
import { TargetUrlField } from './target-url-field.tsx';
import { WizardButtons } from './wizard-buttons.tsx';
import { WizardPage } from './wizard-page.tsx';

const STEPS = ['Basics', 'Target', 'API customization'] as const;

type Values = Security & {
  displayName: string;
  contextPath: string;
  description: string;
  targetUrl: string;
  timeoutS: number | string;
  retries: number | string;
  verifyTls: boolean;
};

const FIRST: Values = {
  displayName: '',
  contextPath: '',
  description: '',
  targetUrl: '',
  timeoutS: 30,
  retries: 1,
  verifyTls: true,
  ...OPEN,
};

/** Which step a field stands on, for what the server refuses. */
const STEP_OF: Readonly<Record<string, number>> = { displayName: 0, contextPath: 0, description: 0, targetUrl: 1 };

/** Create REST/HTTP in three short steps (console.md §4.6). */
export function CreateHttp() {
  const navigate = useNavigate();
  const [step, setStep] = useState(0);
  const [isSending, setSending] = useState(false);
  const form = useForm<Values>({
    validateInputOnBlur: true,
    initialValues: FIRST,
    validate: {
      displayName: checkDisplayName,
      contextPath: checkContextPath,
      targetUrl: (value) => (step < 1 ? null : checkTargetUrl(value)),
      timeoutS: (value) => checkNumber(value, 1, 3600),
      retries: (value) => checkNumber(value, 0, 5),
      scopes: checkScopes,
    },
  });

  const finish = async (values: Values) => {
    setSending(true);
    try {
      const made = await nameTakenAtField(values.displayName.trim(), api.post<Project>('/projects', bodyOf(values)));
      await setUpTarget(made, values);
      await refreshAll();
      await navigate({ to: `/projects/${made.name}`, search: { created: '1' } as never });
    } catch (error) {
      setSending(false);
      const field = error instanceof ApiProblem ? error.errors[0]?.pointer.split('/')[1] : undefined;
      setStep(STEP_OF[field ?? ''] ?? step);
      throw error;
    }
  };

  return (
    <WizardPage
      title="Create REST/HTTP"
      description="Passes calls on to an HTTP service, with policies around it."
      steps={STEPS}
      step={step}
      onStep={setStep}
    >
      <Form
        form={form}
        failure="Could not create the project."
        onSubmit={async (values) => {
          if (step < STEPS.length - 1) setStep(step + 1);
          else await finish(values);
        }}
        footer={(state) => (
          <WizardButtons
            isLast={step === STEPS.length - 1}
            isSending={state.isSending}
            onBack={step === 0 ? undefined : () => setStep(step - 1)}
          />
        )}
      >
        {step === 0 && (
          <>
            <BasicsFields form={form} placeholder={{ displayName: 'Orders API', contextPath: '/orders' }} />
            <Textarea
              label="Description"
              autosize
              minRows={2}
              maxRows={8}
              maxLength={2000}
              {...form.getInputProps('description')}
            />
          </>
        )}
        {step === 1 && (
          <>
            <TargetUrlField {...form.getInputProps('targetUrl')} value={form.values.targetUrl} />
            <NumberInput
              label="Timeout"
              description="Longest wait for the answer, in seconds."
              suffix=" s"
              min={1}
              max={3600}
              inputContainer={narrow}
              {...form.getInputProps('timeoutS')}
            />
            {form.values.targetUrl.trim().toLowerCase().startsWith('https:') && (
              <Switch
                label="Check the target's certificate"
                description="Off only for trying."
                {...form.getInputProps('verifyTls', { type: 'checkbox' })}
              />
            )}
            <Advanced>
              <NumberInput
                label="Retries"
                description="Further tries when no connection was made and the request had no body."
                min={0}
                max={5}
                inputContainer={narrow}
                {...form.getInputProps('retries')}
              />
            </Advanced>
          </>
        )}
        {step === 2 && (
          <>
            <SecurityFields form={form} />
            <ShowCommand command={commandOf(form.values)} />
          </>
        )}
      </Form>
      <LeaveGuard isDirty={!isSending && (step > 0 || form.isDirty())} />
    </WizardPage>
  );
}

function Advanced({ children }: { readonly children: React.ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Stack gap="sm">
      <div>
        <Button variant="subtle" size="compact-sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Hide advanced' : 'Advanced'}
        </Button>
      </div>
      {isOpen && children}
    </Stack>
  );
}

/** A number needs little room; what is said about it does not. */
function narrow(input: React.ReactNode) {
  return <div style={{ maxWidth: 180 }}>{input}</div>;
}

function checkNumber(value: number | string, least: number, most: number): string | null {
  const number = Number(value);
  const isFine = value !== '' && Number.isInteger(number) && number >= least && number <= most;
  return isFine ? null : `A whole number from ${least} to ${most}.`;
}

function bodyOf(values: Values) {
  return {
    kind: 'http',
    displayName: values.displayName.trim(),
    contextPath: values.contextPath.trim(),
    description: values.description.trim(),
    targetUrl: values.targetUrl.trim(),
    ...securityBody(values),
  };
}

/** What a create does not take is set on the target that it made. The project is there either way, so a failure is told and no more. */
async function setUpTarget({ name }: Project, { timeoutS, retries, verifyTls }: Values): Promise<void> {
  const patch = {
    ...(Number(timeoutS) !== FIRST.timeoutS && { timeoutMs: Number(timeoutS) * 1000 }),
    ...(Number(retries) !== FIRST.retries && { retries: Number(retries) }),
    ...(verifyTls !== FIRST.verifyTls && { verifyTls }),
  };
  if (Object.keys(patch).length === 0) return;
  try {
    await api.patch(path`/projects/${name}/targets/default`, patch);
  } catch (error) {
    tellFailure('The project is made, but timeout, retries and certificate check could not be set.', error);
  }
}

function commandOf(values: Values): string {
  const { displayName, contextPath, targetUrl, secureWith, tokenIn, scopes } = values;
  return [
    `gatewright project create ${shellWord(displayName.trim())} kind=http`,
    `contextPath=${shellWord(contextPath.trim())}`,
    `targetUrl=${shellWord(targetUrl.trim())}`,
    ...(secureWith === 'oauth'
      ? [
          'secureWith=oauth',
          `tokenIn=${tokenIn === 'either' ? 'header,query' : tokenIn}`,
          ...(scopes.length === 0 ? [] : [`scopes=${shellWord(scopes.join(','))}`]),
        ]
      : []),
  ].join(' ');
}
