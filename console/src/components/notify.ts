import { notifications } from '@mantine/notifications';
import { sentenceOf } from '../api/problem.ts';

/** Says that something is done, for a moment. */
export function tell(message: string): void {
  notifications.show({ message, color: 'green', withCloseButton: true, closeButtonProps: { 'aria-label': 'Close' } });
}

/** Says why something could not be done. `what`: e.g. `Could not delete Orders API.` */
export function tellFailure(what: string, error: unknown): void {
  notifications.show({
    title: what,
    message: sentenceOf(error),
    color: 'red',
    autoClose: 12_000,
    closeButtonProps: { 'aria-label': 'Close' },
  });
}
