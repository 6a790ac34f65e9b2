/** What is wrong with a JWT of somebody else. */
export type JwtFault =
  | 'malformed'
  | 'header'
  | 'algorithm'
  | 'type'
  | 'key'
  | 'signature'
  | 'expired'
  | 'not_yet'
  | 'issuer'
  | 'audience'
  | 'claim'
  | 'life'
  | 'replayed';

/** A JWT of somebody else is refused. The message is the end of "it is refused because …", for the operator. */
export class JwtProblem extends Error {
  override readonly name = 'JwtProblem';
  readonly fault: JwtFault;
  /** `exp` in epoch ms, where that is what is wrong. */
  readonly at: number | undefined;

  constructor(fault: JwtFault, message: string, at?: number) {
    super(message);
    this.fault = fault;
    this.at = at;
  }
}
