/** The page's one input for files to open; it is not seen, and commands press it. */
export const FILE_CHOOSER = "file-chooser";

export const ACCEPTED =
  ".json,.png,.webp,.jpg,.jpeg,.latent,.safetensors,application/json,image/png,image/webp,image/jpeg";
