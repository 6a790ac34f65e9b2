import { Button, Group } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useRight } from '../../api/session.ts';
import { GuardedButton } from '../../components/guarded.tsx';

interface WizardButtonsProps {
  readonly onBack?: (() => void) | undefined;
  /** True: this step makes the project. */
  readonly isLast: boolean;
  readonly isSending: boolean;
  readonly isBlocked?: boolean;
  /** Words of the button that goes on; `Next`. */
  readonly next?: string;
}

/** The buttons below a step: away from it, back, and on. */
export function WizardButtons({ onBack, isLast, isSending, isBlocked = false, next = 'Next' }: WizardButtonsProps) {
  const navigate = useNavigate();
  const right = useRight('projects:write');
  return (
    <Group justify="space-between" gap="xs">
      <Button variant="default" onClick={() => void navigate({ to: '/projects' })}>
        Cancel
      </Button>
      <Group gap="xs">
        {onBack !== undefined && (
          <Button variant="default" onClick={onBack}>
            Back
          </Button>
        )}
        <GuardedButton right={right} type="submit" loading={isSending} disabled={isBlocked}>
          {isLast ? 'Finish' : next}
        </GuardedButton>
      </Group>
    </Group>
  );
}
