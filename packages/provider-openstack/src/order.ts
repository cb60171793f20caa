import type { ResourceTags } from "@warmpool/core";
import type { Client } from "./client/client.js";
import { CloudConfigError } from "./client/error.js";
import type { Directory } from "./directory.js";
import { labelsOf, OUR_TAG } from "./labels.js";
import type { ServerFields } from "./options.js";

/** What Nova is to be told to make a server. */
export async function orderOf(
  fields: ServerFields,
  tags: ResourceTags,
  { compute }: Pick<Client, "compute">,
  directory: Directory,
  signal: AbortSignal,
): Promise<object> {
  const { image, flavor, bootVolume } = fields;
  if (image === undefined) throw new CloudConfigError("It is not said which image to boot. Set the option image.");
  if (flavor === undefined) throw new CloudConfigError("It is not said which flavor to use. Set the option flavor.");
  const imageId = await directory.id("image", image, signal);
  const networks = await networksOf(fields.network ?? "auto", compute, directory, signal);
  const hints = fields.schedulerHints;
  const server = {
    name: tags.key,
    flavorRef: await directory.id("flavor", flavor, signal),
    ...(bootVolume === undefined
      ? { imageRef: imageId }
      : { block_device_mapping_v2: [volumeOf(bootVolume, imageId)] }),
    ...(networks !== undefined && { networks }),
    metadata: { ...fields.metadata, ...labelsOf(tags) },
    ...((await compute.can("tagsAtCreation", signal)) && { tags: [OUR_TAG, tags.key] }),
    ...(fields.keyName !== undefined && { key_name: fields.keyName }),
    ...(fields.securityGroups !== undefined && { security_groups: fields.securityGroups.map((name) => ({ name })) }),
    ...(fields.availabilityZone !== undefined && { availability_zone: fields.availabilityZone }),
    ...(fields.userData !== undefined && { user_data: Buffer.from(fields.userData).toString("base64") }),
    ...(fields.configDrive !== undefined && { config_drive: fields.configDrive }),
    min_count: 1,
    max_count: 1,
  };
  return { server, ...(hints !== undefined && { "OS-SCH-HNT:scheduler_hints": hints }) };
}

/** What must be said depends on Nova's age: before 2.37 "auto" was meant by saying nothing. */
async function networksOf(
  network: NonNullable<ServerFields["network"]>,
  compute: Client["compute"],
  directory: Directory,
  signal: AbortSignal,
): Promise<"auto" | "none" | { uuid: string }[] | undefined> {
  if (network === "auto" || network === "none") {
    if (await compute.can("networkModes", signal)) return network;
    return network === "auto" ? undefined : [];
  }
  const ids: { uuid: string }[] = [];
  for (const name of [network].flat()) ids.push({ uuid: await directory.id("network", name, signal) });
  return ids;
}

function volumeOf({ sizeGiB, type }: NonNullable<ServerFields["bootVolume"]>, imageId: string): object {
  return {
    boot_index: 0,
    uuid: imageId,
    source_type: "image",
    destination_type: "volume",
    volume_size: sizeGiB,
    delete_on_termination: true,
    ...(type !== undefined && { volume_type: type }),
  };
}
