import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { MouseEventHandler, ReactNode } from 'react';
import type { Right } from '../api/session.ts';

interface GuardedButtonProps extends Omit<ButtonProps, 'right'> {
  readonly right: Right;
  readonly onClick?: MouseEventHandler<HTMLButtonElement>;
  readonly type?: 'button' | 'submit';
  readonly children: ReactNode;
}

/** A button that is disabled, with the reason, for somebody without the right; never one that fails after the click. */
export function GuardedButton({ right, children, disabled, ...rest }: GuardedButtonProps) {
  if (right.allowed)
    return (
      <Button disabled={disabled ?? false} {...rest}>
        {children}
      </Button>
    );
  return (
    <Tooltip label={right.reason}>
      {/* aria-disabled keeps it reachable by keyboard, so that the reason is too. */}
      <Button
        {...rest}
        data-disabled
        aria-disabled
        aria-description={right.reason}
        onClick={(event) => event.preventDefault()}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
