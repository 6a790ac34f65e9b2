import { useForm } from '@mantine/form';
import type { WsdlPreview } from '#core/model/import';
import { checkContextPath, checkDisplayName, checkTargetUrl } from '../../components/checks.ts';
import { Form } from '../../components/form.tsx';
import { ShowCommand } from '../../components/show-command.tsx';
import { checkScopes, OPEN, type Security, securityBody } from '../project-wizards/security.ts';
import { WizardButtons } from '../project-wizards/wizard-buttons.tsx';
import type { ReadDocument } from './document.ts';
import { importCommand } from './import-command.ts';
import { useImport } from './use-import.ts';
import { WsdlChoices } from './wsdl-choices.tsx';
import { WsdlResult } from './wsdl-result.tsx';

/** What is made of a WSDL. */
export type WsdlValues = Security & {
  displayName: string;
  contextPath: string;
  targetUrl: string;
  service: string;
  port: string;
};

interface WsdlStepsProps {
  readonly preview: WsdlPreview;
  readonly origin: ReadDocument['origin'];
  readonly step: number;
  readonly onStep: (step: number) => void;
  readonly onSending: (isSending: boolean) => void;
}

/** Choosing the port of a WSDL and how it is published, and the preview. Nothing is shown while the document itself is. */
export function WsdlSteps({ preview, origin, step, onStep, onSending }: WsdlStepsProps) {
  const create = useImport({ address: '/imports/wsdl', onStep, onSending });
  const { suggested, services } = preview;
  const form = useForm<WsdlValues>({
    validateInputOnBlur: true,
    initialValues: {
      ...OPEN,
      displayName: suggested.displayName,
      contextPath: suggested.contextPath,
      targetUrl: suggested.targetUrl,
      secureWith: suggested.secureWith,
      service: services[0]?.name ?? '',
      port: services[0]?.ports[0]?.name ?? '',
    },
    validate: {
      displayName: checkDisplayName,
      contextPath: checkContextPath,
      targetUrl: checkTargetUrl,
      scopes: checkScopes,
    },
  });
  if (step === 0) return undefined;
  return (
    <Form
      form={form}
      failure="Could not create the project."
      onSubmit={async (values) => {
        if (step === 1) return onStep(2);
        const { displayName, contextPath, targetUrl, service, port } = values;
        await create({
          ...origin,
          displayName: displayName.trim(),
          contextPath: contextPath.trim(),
          targetUrl: targetUrl.trim(),
          ...(service !== '' && { service }),
          ...(port !== '' && { port }),
          ...securityBody(values),
        });
      }}
      footer={({ isSending }) => (
        <WizardButtons isLast={step === 2} isSending={isSending} onBack={() => onStep(step - 1)} />
      )}
    >
      {step === 1 ? (
        <WsdlChoices form={form} preview={preview} />
      ) : (
        <>
          <WsdlResult values={form.values} preview={preview} />
          <ShowCommand command={importCommand(origin.fileName, form.values)} />
        </>
      )}
    </Form>
  );
}
