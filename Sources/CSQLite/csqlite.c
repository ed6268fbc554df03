#include "CSQLite.h"

void csqlite_count_no_memory(void) { (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

int csqlite_no_checkpoint_on_close(sqlite3 *db, int off) {
  int now = 0;
  return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, off, &now);
}

int csqlite_defensive(sqlite3 *db) {
  int now = 0;
  return sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, &now);
}

int csqlite_strict_quotes(sqlite3 *db) {
  int now = 0;
  int code = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, &now);
  return code ? code : sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, &now);
}

int csqlite_bind_text(sqlite3_stmt *statement, int place, const char *bytes, uint64_t count) {
  return sqlite3_bind_text64(statement, place, bytes ? bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

int csqlite_bind_blob(sqlite3_stmt *statement, int place, const void *bytes, uint64_t count) {
  // A null pointer would bind NULL.
  return sqlite3_bind_blob64(statement, place, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}
