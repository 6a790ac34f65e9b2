import { TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useGatewayUrl } from './use-gateway-url.ts';

/** Fields that every project has. */
export interface Basics {
  readonly displayName: string;
  readonly contextPath: string;
}

/** Display Name and Proxy Context Path, with the address that follows from them. */
export function BasicsFields<Values extends Basics>({
  form,
  placeholder,
}: {
  readonly form: UseFormReturnType<Values>;
  readonly placeholder: Basics;
}) {
  const origin = useGatewayUrl();
  const path = form.values.contextPath.trim();
  const help = 'Where clients call it. Unique on each server group; the longest matching path wins.';
  return (
    <>
      <TextInput
        label="Display Name"
        description="Letters, digits, spaces and . - _"
        placeholder={placeholder.displayName}
        required
        data-autofocus
        maxLength={64}
        {...form.getInputProps('displayName')}
      />
      <TextInput
        label="Proxy Context Path"
        description={
          origin !== undefined && path.startsWith('/') ? (
            <>
              {help} Clients call <span className="mono">{`${origin}${path}`}</span>
            </>
          ) : (
            help
          )
        }
        placeholder={placeholder.contextPath}
        required
        {...form.getInputProps('contextPath')}
      />
    </>
  );
}
