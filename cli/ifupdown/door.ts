import type { OperationParameters, OperationProgress, OperationResult } from '../../core/control/api.ts';

/** Who does operations: netconfd, or this process where none runs. */
export interface Door extends AsyncDisposable {
  operate(
    request: 'ifup' | 'ifdown',
    parameters: OperationParameters,
    progress: (step: OperationProgress) => void,
    signal: AbortSignal,
  ): Promise<OperationResult[]>;
}
