// Types of single settings that the sections of the configuration share.
import { z } from 'zod';

export const port = z.int().min(0).max(65535);
export const count = z.int().min(1);
export const milliseconds = z.int().min(1);
export const text = z.string().min(1).nullable();
export const url = (schemes: string) =>
  z
    .string()
    .regex(new RegExp(`^(${schemes})://.+`))
    .nullable();
