import { Progress, Text } from '@mantine/core';

const CHARACTERS_FOR_FULL = 24;

/** How long a password would hold, roughly: length counts most, repetition takes away. */
export function PasswordStrength({ password }: { readonly password: string }) {
  if (password === '') return undefined;
  const score = strengthOf(password);
  const [color, words] =
    score < 0.5
      ? (['red', 'Too short'] as const)
      : score < 0.75
        ? (['orange', 'Fair'] as const)
        : (['green', 'Strong'] as const);
  return (
    <div aria-live="polite" style={{ marginTop: 6 }}>
      <Progress value={score * 100} color={color} size={4} aria-label="Strength of the password" />
      <Text size="xs" c="dimmed" mt={2}>
        {words}
      </Text>
    </div>
  );
}

function strengthOf(password: string): number {
  const different = new Set(password).size;
  return Math.min(1, Math.min(password.length, different * 2) / CHARACTERS_FOR_FULL);
}
