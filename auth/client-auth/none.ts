import type { AuthenticateBy } from './method.ts';
import { authenticateBySecret } from './secret.ts';

/**
 * A public client only names itself (RFC 6749 §2.1, method `none`): what it asks for must prove more. Whoever else sent no more than a name
 * has left its secret out.
 */
export const authenticateByName: AuthenticateBy = (request, target, deps) =>
  target.named?.client.authMethod === 'none'
    ? { method: 'none', secret: undefined }
    : authenticateBySecret(request, target, deps);
