import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { LeaveGuard } from '../../components/form.tsx';
import { Failure } from '../../components/states.tsx';
import { WizardButtons } from '../project-wizards/wizard-buttons.tsx';
import { WizardPage } from '../project-wizards/wizard-page.tsx';
import type { Accepted, ReadDocument } from './document.ts';
import { DocumentProblems } from './document-problems.tsx';
import { OpenApiSteps } from './openapi-steps.tsx';
import { type Draft, NO_DRAFT, originOf, SourcePicker } from './source-picker.tsx';
import { useReading } from './use-reading.ts';
import { WhatWasRead } from './what-was-read.tsx';
import { WsdlSteps } from './wsdl-steps.tsx';

interface ImportWizardProps {
  readonly title: string;
  readonly description: string;
  readonly accepted: Accepted;
  readonly what: string;
  readonly accept: string;
}

/** Makes a project of a document: what was read, what is made of it, a preview (console.md §4.7, journey 6). */
export function ImportWizard({ title, description, accepted, what, accept }: ImportWizardProps) {
  const [draft, setDraft] = useState<Draft>(NO_DRAFT);
  const [read, setRead] = useState<ReadDocument>();
  const [step, setStep] = useState(0);
  const [isSending, setSending] = useState(false);
  const reading = useReading(accepted, setRead);
  const isFine = read !== undefined && read.preview.problems.length === 0;
  const origin = originOf(draft);
  const change = (next: Draft) => {
    setDraft(next);
    setRead(undefined);
    reading.reset();
  };
  const common = {
    // Another document begins with its own suggestions.
    key: read?.origin.source ?? '',
    step,
    onStep: setStep,
    onSending: setSending,
  };
  return (
    <WizardPage
      title={title}
      description={description}
      steps={['Document', 'Choose', 'Preview']}
      step={step}
      onStep={setStep}
      isWide
    >
      {step === 0 && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isFine) setStep(1);
            else if (origin !== undefined) reading.mutate(origin);
          }}
        >
          <Stack>
            <SourcePicker
              draft={draft}
              onChange={change}
              onFile={(file) => {
                change({ ...draft, file });
                reading.mutate(file);
              }}
              what={what}
              accept={accept}
            />
            {reading.isPending && (
              <Text size="sm" role="status">
                Reading…
              </Text>
            )}
            {reading.isError && <Failure what="Could not read the document." error={reading.error} />}
            {read !== undefined &&
              (isFine ? (
                <WhatWasRead read={read} />
              ) : (
                <DocumentProblems
                  key={read.origin.source}
                  text={read.origin.source}
                  problems={read.preview.problems}
                  outcome="Nothing was created."
                  isReading={reading.isPending}
                  onRead={(source) => reading.mutate({ ...read.origin, source })}
                />
              ))}
            <WizardButtons
              isLast={false}
              next={isFine || draft.kind === 'file' ? 'Next' : 'Read'}
              isSending={reading.isPending && draft.kind !== 'file'}
              isBlocked={!isFine && (draft.kind === 'file' || origin === undefined)}
            />
          </Stack>
        </form>
      )}
      {isFine && read.format === 'openapi' && <OpenApiSteps {...common} preview={read.preview} origin={read.origin} />}
      {isFine && read.format === 'wsdl' && <WsdlSteps {...common} preview={read.preview} origin={read.origin} />}
      <LeaveGuard isDirty={read !== undefined && !isSending} />
    </WizardPage>
  );
}
