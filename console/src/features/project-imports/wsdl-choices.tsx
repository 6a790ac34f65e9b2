import { Select } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { WsdlPreview } from '#core/model/import';
import { BasicsFields } from '../project-wizards/basics-fields.tsx';
import { SecurityFields } from '../project-wizards/security-fields.tsx';
import { TargetUrlField } from '../project-wizards/target-url-field.tsx';
import type { WsdlValues } from './wsdl-steps.tsx';

/** Which port, under which path, to which address, secured how. */
export function WsdlChoices({
  form,
  preview: { services },
}: {
  readonly form: UseFormReturnType<WsdlValues>;
  readonly preview: WsdlPreview;
}) {
  const { service, port } = form.values;
  const ports = services.find(({ name }) => name === service)?.ports ?? [];
  const choosePort = (serviceName: string, portName: string) => {
    const found = services.find(({ name }) => name === serviceName)?.ports.find(({ name }) => name === portName);
    form.setFieldValue('service', serviceName);
    form.setFieldValue('port', portName);
    if (found !== undefined && found.targetUrl !== '') form.setFieldValue('targetUrl', found.targetUrl);
  };
  return (
    <>
      <BasicsFields form={form} placeholder={{ displayName: 'Orders service', contextPath: '/orders-service' }} />
      {services.length > 1 && (
        <Select
          label="Service"
          required
          allowDeselect={false}
          data={services.map(({ name }) => name)}
          value={service}
          onChange={(name) => {
            const first = services.find((candidate) => candidate.name === name)?.ports[0];
            if (name !== null) choosePort(name, first?.name ?? '');
          }}
        />
      )}
      {ports.length > 1 && (
        <Select
          label="Port"
          description="Its address is the target."
          required
          allowDeselect={false}
          data={ports.map(({ name, soap, address }) => ({ value: name, label: `${name}, SOAP ${soap}, ${address}` }))}
          value={port}
          onChange={(name) => name !== null && choosePort(service, name)}
        />
      )}
      <TargetUrlField {...form.getInputProps('targetUrl')} value={form.values.targetUrl} />
      <SecurityFields form={form} />
    </>
  );
}
