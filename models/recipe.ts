// Everything that decides what comes out of training, besides the recordings and the code: written on the card, read
// back by the evaluation.
import { z } from 'zod';

export const recipeSchema = z.object({
  seed: z.int(),
  /** Every how many rows of the regime `quotes` are trained on: neighbours are nearly equal. */
  quoteStride: z.int().positive(),
  /** L2 penalty a row of the teacher's logistic regressions. */
  logisticRidge: z.number().nonnegative(),
  boosting: z.object({
    trees: z.int().positive(),
    depth: z.int().min(1).max(7),
    learningRate: z.number().positive(),
    rowsPerLeafMin: z.int().positive(),
    ridge: z.number().nonnegative(),
  }),
  network: z.object({
    hidden: z.tuple([z.int().positive(), z.int().positive()]),
    epochs: z.int().positive(),
    batchRows: z.int().positive(),
    learningRate: z.number().positive(),
    ridge: z.number().nonnegative(),
  }),
  /** Of a single instrument: into how many spans its time is cut to find epochs and temperature. */
  spans: z.int().min(2),
});

export type Recipe = z.infer<typeof recipeSchema>;

export const RECIPE: Recipe = {
  seed: 1,
  quoteStride: 5,
  logisticRidge: 3e-3,
  boosting: { trees: 80, depth: 3, learningRate: 0.1, rowsPerLeafMin: 600, ridge: 10 },
  network: { hidden: [32, 16], epochs: 12, batchRows: 128, learningRate: 0.004, ridge: 1e-3 },
  spans: 3,
};
