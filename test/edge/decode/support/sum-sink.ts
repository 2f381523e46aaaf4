/** A sink that adds up every value of a block; refuses to when told. */
import type { BatchDecoder, Plan } from '../../../../edge/decode/index.ts';

export function makeSink(_: Plan, options: unknown): (decoder: BatchDecoder) => { values: number; sum: number } {
  return ({ tables }) => {
    if (options === 'fail') throw new Error('the sink fails');
    let [values, sum] = [0, 0];
    for (const table of tables)
      for (let k = 0; k < table.signals.length; k++)
        for (const value of table.column(k) as Float64Array) {
          values++;
          sum += value;
        }
    return { values, sum };
  };
}
