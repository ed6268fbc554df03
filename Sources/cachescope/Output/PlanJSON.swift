import CacheKit

extension JSONWriter {
  mutating func plan(_ plan: CollectionPlan) {
    object { writer in
      writer.field("id", plan.id)
      writer.objects("steps", plan.steps) { $0.step($1) }
      writer.field("frees", unsigned: plan.frees)
      writer.objects("kept", plan.kept) { $0.kept($1) }
      writer.array("reaps") { writer in
        for lease in plan.reaps { writer.element(lease.description) }
      }
      writer.field("real_error", plan.realError)
      writer.field("limits") { $0.limits(plan.limits) }
      writer.field("excess_bytes", unsigned: plan.excess)
      writer.field("before") { $0.totals(plan.before) }
      writer.field("after") { $0.totals(plan.after) }
      writer.field("outlook") { $0.outlook(plan.outlook) }
    }
  }

  private mutating func step(_ step: CollectionPlan.Step) {
    field("entry_id", step.entryID)
    field("phase", step.phase.rawValue)
    field("bytes", step.bytes)
    field("reason", step.reason)
    field("refused", step.refused)
    field("rank", step.rank)
    field("price", step.price.rawValue)
    field("ours_alone", step.isOursAlone)
    field("kind", step.kind)
    field("stem", step.stem)
    field("version", step.version)
    field("path", step.path)
    field("files") { $0.files(step.files) }
  }

  mutating func files(_ files: ReclaimedBytes) {
    object { writer in
      writer.field("inodes", files.inodes)
      writer.field("apparent_bytes", unsigned: files.apparent)
      writer.field("allocated_bytes", unsigned: files.allocated)
      writer.field("reclaimable_bytes", unsigned: files.reclaimable)
    }
  }

  private mutating func kept(_ kept: CollectionPlan.Kept) {
    field("entry_id", kept.entryID)
    field("phase", kept.phase?.rawValue)
    field("reason", kept.reason.words)
  }

  private mutating func limits(_ limits: CollectionLimits) {
    object { writer in
      writer.field("archive", unsigned: limits.archive)
      writer.field("installed", unsigned: limits.installed)
      writer.field("high", unsigned: limits.high)
      writer.field("low", unsigned: limits.low)
      writer.field("source", limits.source)
    }
  }

  private mutating func totals(_ totals: CollectionPlan.Totals) {
    object { writer in
      writer.field("installed_bytes", unsigned: totals.installed)
      writer.field("archive_bytes", unsigned: totals.archive)
      writer.field("total_bytes", unsigned: totals.total)
    }
  }

  private mutating func outlook(_ outlook: CollectionOutlook) {
    object { writer in
      writer.field("last_evicted_age", outlook.lastAge)
      writer.field("growth_per_day", outlook.growth.map { Int64(clamping: $0) })
      writer.field("days") { writer in writer.number(outlook.days) }
    }
  }
}
