import { useForm } from '@mantine/form';
import type { OpenApiPreview } from '#core/model/import';
import { checkContextPath, checkDisplayName, checkTargetUrl } from '../../components/checks.ts';
import { Form } from '../../components/form.tsx';
import { ShowCommand } from '../../components/show-command.tsx';
import { checkScopes, OPEN, type Security, securityBody } from '../project-wizards/security.ts';
import { WizardButtons } from '../project-wizards/wizard-buttons.tsx';
import type { ReadDocument } from './document.ts';
import { importCommand } from './import-command.ts';
import { OpenApiChoices } from './openapi-choices.tsx';
import { OpenApiResult } from './openapi-result.tsx';
import { useImport } from './use-import.ts';

/** What is made of an OpenAPI document. */
export type OpenApiValues = Security & {
  displayName: string;
  contextPath: string;
  targetUrl: string;
  choose: 'all' | 'tags' | 'default';
  tags: string[];
};

interface OpenApiStepsProps {
  readonly preview: OpenApiPreview;
  readonly origin: ReadDocument['origin'];
  readonly step: number;
  readonly onStep: (step: number) => void;
  readonly onSending: (isSending: boolean) => void;
}

/** Choosing what becomes of an OpenAPI document, and the preview. Nothing is shown while the document itself is. */
export function OpenApiSteps({ preview, origin, step, onStep, onSending }: OpenApiStepsProps) {
  const create = useImport({ address: '/imports/openapi', onStep, onSending });
  const { suggested } = preview;
  const form = useForm<OpenApiValues>({
    validateInputOnBlur: true,
    initialValues: {
      ...OPEN,
      displayName: suggested.displayName,
      contextPath: suggested.contextPath,
      targetUrl: suggested.targetUrl,
      secureWith: suggested.secureWith,
      choose: 'all',
      tags: [],
    },
    validate: {
      displayName: checkDisplayName,
      contextPath: checkContextPath,
      targetUrl: checkTargetUrl,
      scopes: checkScopes,
      tags: (tags, { choose }) => (choose === 'tags' && tags.length === 0 ? 'Choose one tag at least.' : null),
    },
  });
  if (step === 0) return undefined;
  return (
    <Form
      form={form}
      failure="Could not import the document."
      onSubmit={async (values) => {
        if (step === 1) return onStep(2);
        const { displayName, contextPath, targetUrl, choose, tags } = values;
        await create({
          ...origin,
          displayName: displayName.trim(),
          contextPath: contextPath.trim(),
          targetUrl: targetUrl.trim(),
          choose,
          ...(choose === 'tags' && { tags }),
          ...securityBody(values, false),
        });
      }}
      footer={({ isSending }) => (
        <WizardButtons isLast={step === 2} isSending={isSending} onBack={() => onStep(step - 1)} />
      )}
    >
      {step === 1 ? (
        <OpenApiChoices form={form} preview={preview} />
      ) : (
        <>
          <OpenApiResult values={form.values} preview={preview} />
          <ShowCommand command={importCommand(origin.fileName, form.values)} />
        </>
      )}
    </Form>
  );
}
