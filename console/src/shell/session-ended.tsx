import { useEffect, useState } from 'react';
import { whenSignedOut } from '../api/client.ts';
import { Dialog } from '../components/dialog.tsx';
import { SignInForm } from '../features/sign-in/sign-in-form.tsx';

/** When the session ends while somebody works: sign in over the page, whose edits stay. */
export function SessionEnded() {
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => {
    whenSignedOut(() => setEnded(true));
    return () => whenSignedOut(() => {});
  }, []);
  return (
    <Dialog title="Your session has ended" isOpen={hasEnded} onClose={() => {}}>
      <SignInForm
        intro="Sign in again to go on; what you typed on this page is still there."
        onDone={() => setEnded(false)}
      />
    </Dialog>
  );
}
