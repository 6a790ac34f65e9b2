import { useRouter } from '@tanstack/react-router';
import { Failure } from './states.tsx';

/** A screen could not be shown. */
export function ScreenFailure({ error }: { readonly error: unknown }) {
  const router = useRouter();
  return (
    <div style={{ padding: 16 }}>
      <Failure what="Could not show this page." error={error} onRetry={() => void router.invalidate()} />
    </div>
  );
}
