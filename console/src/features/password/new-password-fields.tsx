import { PasswordInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { PasswordStrength } from './password-strength.tsx';

const MINIMUM = 12;

/** A new password, twice, as fields of a form. */
export interface NewPassword {
  password: string;
  again: string;
}

/** How they are checked (NIST SP 800-63B §3.1.1: length, no other rule). */
export const checkNewPassword = {
  password: (value: string) => (value.length < MINIMUM ? `At least ${MINIMUM} characters.` : null),
  again: (value: string, { password }: NewPassword) => (value === password ? null : 'The two passwords differ.'),
};

/** The two fields. `what`: `Password` or `New password`. */
export function NewPasswordFields<Values extends NewPassword & Record<string, unknown>>({
  form,
  what = 'Password',
}: {
  readonly form: UseFormReturnType<Values>;
  readonly what?: string;
}) {
  return (
    <>
      <div>
        <PasswordInput
          label={what}
          description={`At least ${MINIMUM} characters. A few words in a row are good.`}
          required
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          {...form.getInputProps('password')}
        />
        <PasswordStrength password={form.values.password} />
      </div>
      <PasswordInput
        label={`${what} again`}
        required
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': 'Show the repeated password' }}
        {...form.getInputProps('again')}
      />
    </>
  );
}
