import { ApiProblem } from '../../api/problem.ts';

/** Waits for a project to be made. When its name is taken, the refusal is about the field Display Name, which the name comes from. */
export async function nameTakenAtField<Answer>(displayName: string, making: Promise<Answer>): Promise<Answer> {
  try {
    return await making;
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== 'name_taken') throw error;
    const message = `There is already a project named ${displayName}.`;
    const { status, code, title } = error;
    const errors = [{ pointer: '/displayName', code, message }];
    throw new ApiProblem({ type: '', status, code, title, detail: message, errors }, undefined);
  }
}
