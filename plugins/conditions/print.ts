import type { Action, Condition, Expression, Pattern } from './model.ts';

/** As it is written, on one line for each part; read again it is the same condition. */
export function printCondition({ on, actions, ending }: Condition): string {
  const lines = [
    `on ${printExpression(on)}`,
    ...actions.map(action => `do ${printAction(action)}`),
    ...ending.map(action => `end ${printAction(action)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** @param told what is added behind each event and span: its present state. */
export function printExpression(
  expression: Expression,
  told: (leaf: Expression) => string = () => '',
  inside?: Expression['kind'],
): string {
  switch (expression.kind) {
    case 'event':
      return `${printPattern(expression.event)}${told(expression)}`;
    case 'span':
      return `from ${printPattern(expression.from)} until ${printPattern(expression.until)}${told(expression)}`;
    case 'not':
      return `not ${printExpression(expression.what, told, 'not')}`;
    default: {
      const text = expression.all
        .map(one => printExpression(one, told, expression.kind))
        .join(` ${expression.kind} `);
      return inside === undefined ? text : `(${text})`;
    }
  }
}

function printPattern({ name, where }: Pattern): string {
  return [name, ...where.map(({ key, glob }) => `${key}=${glob}`)].join(' ');
}

export function printAction({ deed, what, data = {} }: Action): string {
  const values = Object.entries(data).map(([key, value]) => `${key}=${value}`);
  return [deed, ...(what === undefined ? [] : [what]), ...values].join(' ');
}
