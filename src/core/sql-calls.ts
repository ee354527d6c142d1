import { keyword, punctuation, type SqlToken } from './sql-tokens'

/**
 * Whether a query calls a function that may write: one that is not known to be harmless, as an item of a
 * select list or of FROM (`SELECT archive(7)`, `SELECT * FROM archive(7)`). Deeper in an expression, as in
 * `WHERE score(x) > 1`, functions that write are not what people use, and other functions are.
 */
export function callsUnknownFunction(tokens: readonly SqlToken[]): boolean {
  /** For every open parenthesis, whether a SELECT stands in it: only there does a comma part items. */
  const selects = [false]
  for (const [i, token] of tokens.entries()) {
    if (keyword(token) === 'SELECT') selects[selects.length - 1] = true
    const mark = punctuation(token)
    if (mark === ')' && selects.length > 1) selects.pop()
    if (mark !== '(') continue
    if (isUnknownCall(tokens, i) && isItem(tokens, i, selects.at(-1) === true)) return true
    selects.push(false)
  }
  return false
}

/**
 * Whether every parenthesis in a text without comments follows an operator, a keyword or a harmless function.
 * The fast and stricter form of {@link callsUnknownFunction}.
 */
export function callsNothingUnknown(sql: string): boolean {
  for (let at = sql.indexOf('('); at >= 0; at = sql.indexOf('(', at + 1)) {
    let end = at
    while (end > 0 && sql.charCodeAt(end - 1) <= 32) end--
    if (end === 0 || OPERATORS.includes(sql.charAt(end - 1))) continue
    let start = end
    while (start > 0 && isWordCharacter(sql.charCodeAt(start - 1))) start--
    if (start === end || sql[start - 1] === '.') return false
    const word = sql.slice(start, end)
    if (!HARMLESS.has(word) && !isHarmlessCall(word.toUpperCase())) return false
  }
  return true
}

/** Whether a word in front of a parenthesis is a function that changes no row, or no function at all. */
function isHarmlessCall(word: string): boolean {
  return HARMLESS.has(word) || HARMLESS_FAMILY.test(word)
}

function isUnknownCall(tokens: readonly SqlToken[], parenthesis: number): boolean {
  const name = tokens[parenthesis - 1]
  if (name?.kind === 'quoted' || name?.kind === 'either') return true
  if (name?.kind !== 'word') return false
  const schema = punctuation(tokens[parenthesis - 2]) === '.' ? tokens[parenthesis - 3] : undefined
  if (schema) return !/^(?:pg_catalog|information_schema|sys)$/i.test(schema.text)
  return !isHarmlessCall(name.text.toUpperCase())
}

function isItem(tokens: readonly SqlToken[], parenthesis: number, parted: boolean): boolean {
  let first = parenthesis - 1
  while (punctuation(tokens[first - 1]) === '.') first -= 2
  while (punctuation(tokens[first - 1]) === '(') first--
  const before = tokens[first - 1]
  // FROM TABLE (archive(7)), but not CREATE TABLE archive (id int)
  if (keyword(before) === 'TABLE') return punctuation(tokens[first]) === '('
  return ITEM_FOLLOWS.has(keyword(before)) || (parted && punctuation(before) === ',')
}

const ITEM_FOLLOWS = new Set('SELECT DISTINCT ALL FROM JOIN LATERAL VALUES'.split(' '))

const HARMLESS = new Set(
  [
    // What stands before a parenthesis without being a function.
    'ALL AND ANY AS BETWEEN BY CASE DECIMAL DISTINCT ELSE EXCEPT EXISTS FILTER FROM HAVING IN',
    'INDEX INTERSECT IS JOIN KEY LATERAL LIKE LIMIT MATERIALIZED NOT NUMERIC ON ONLY OR OVER',
    'PARTITION ROWS SELECT SOME TABLE THEN TOP UNION USING VALUES VARCHAR WHEN WHERE WITHIN',
    // Aggregates and windows.
    'ANY_VALUE AVG BIT_AND BIT_OR BIT_XOR BOOL_AND BOOL_OR CORR COUNT COUNT_BIG COVAR_POP',
    'COVAR_SAMP CUME_DIST DENSE_RANK EVERY FIRST_VALUE GROUPING GROUP_CONCAT LAG LAST_VALUE',
    'LEAD LISTAGG MAX MEDIAN MIN MODE NTH_VALUE NTILE PERCENTILE_CONT PERCENTILE_DISC',
    'PERCENT_RANK RANGE_AGG RANK RATIO_TO_REPORT ROW_NUMBER STD STDDEV STDDEV_POP STDDEV_SAMP',
    'STDEV STRING_AGG SUM TOTAL VARIANCE VAR_POP VAR_SAMP',
    // Values and conditions.
    'ARRAY CARDINALITY CAST CHOOSE COALESCE CONVERT DATERANGE DECODE ELT ENUM_FIRST ENUM_LAST',
    'ENUM_RANGE GENERATE_SUBSCRIPTS GREATEST IF IFNULL IIF INET6_ATON INT4RANGE INT8RANGE',
    'INTERVAL ISEMPTY ISNULL LEAST LOWER_INC LOWER_INF MATCH NULLIF NUMNODE NUMRANGE',
    'NUM_NONNULLS NUM_NULLS NVL NVL2 OPENJSON PHRASETO_TSQUERY PLAINTO_TSQUERY RANGE_MERGE',
    'ROW SAFE_CAST SETWEIGHT STRING_TO_ARRAY STRING_TO_TABLE TO_BINARY TO_CHAR TO_DATE',
    'TO_JSON TO_JSONB TO_NUMBER TO_TIMESTAMP TO_TSQUERY TO_TSVECTOR TRY_CAST TRY_CONVERT',
    'TSRANGE TSTZRANGE TYPEOF UNNEST UPPER_INC UPPER_INF WEBSEARCH_TO_TSQUERY',
    // Numbers.
    'ABS ACOS ASIN ATAN ATAN2 BIN BIT_COUNT CBRT CEIL CEILING CONV COS COT CRC32 DEGREES DIV',
    'EXP FACTORIAL FLOOR GCD GENERATE_SERIES ISNUMERIC LCM LN LOG LOG10 LOG2 MOD NANVL OCT PI',
    'POW POWER RADIANS RAND RANDOM ROUND SIGN SIN SQRT SQUARE TAN TRUNC TRUNCATE WIDTH_BUCKET',
    // Text.
    'ASCII BIT_LENGTH BTRIM CHAR CHARACTER_LENGTH CHARINDEX CHAR_LENGTH CHR CONCAT CONCAT_WS',
    'CONVERT_FROM CONVERT_TO CRYPT DATALENGTH DIGEST ENCODE FIELD FIND_IN_SET FORMAT',
    'FROM_BASE64 GLOB HASHBYTES HASHTEXT HEX INET_ATON INET_NTOA INITCAP INSERT INSTR ISJSON',
    'LCASE LEFT LEN LENGTH LEVENSHTEIN LOCATE LOWER LPAD LTRIM MD5 NCHAR NORMALIZE',
    'OCTET_LENGTH OVERLAY PARSENAME PARSE_IDENT PATINDEX POSITION PRINTF QUOTE QUOTENAME',
    'QUOTE_IDENT QUOTE_LITERAL QUOTE_NULLABLE REPEAT REPLACE REPLICATE REVERSE RIGHT RPAD',
    'RTRIM SHA SHA1 SHA2 SHA224 SHA256 SHA384 SHA512 SIMILARITY SOUNDEX SPACE SPLIT_PART',
    'STARTS_WITH STR STRCMP STRIP STRPOS STUFF SUBSTR SUBSTRING SUBSTRING_INDEX TO_ASCII',
    'TO_BASE64 TO_HEX TRANSLATE TRIM UCASE UNACCENT UNHEX UNICODE UNISTR UPPER',
    'WORD_SIMILARITY',
    // Times.
    'ADDDATE ADDTIME ADD_MONTHS AGE CLOCK_TIMESTAMP CURDATE CURTIME DATE DATEADD DATEDIFF',
    'DATEFROMPARTS DATENAME DATEPART DATETIME DATE_ADD DATE_BIN DATE_DIFF DATE_FORMAT',
    'DATE_PART DATE_SUB DATE_TRUNC DAY DAYNAME DAYOFMONTH DAYOFWEEK DAYOFYEAR EOMONTH EXTRACT',
    'FROM_DAYS FROM_UNIXTIME GETDATE GETUTCDATE HOUR ISDATE ISFINITE JULIANDAY JUSTIFY_DAYS',
    'JUSTIFY_HOURS JUSTIFY_INTERVAL LAST_DAY LOCALTIME LOCALTIMESTAMP MAKEDATE MAKETIME',
    'MAKE_DATE MAKE_INTERVAL MAKE_TIME MAKE_TIMESTAMP MAKE_TIMESTAMPTZ MICROSECOND MINUTE',
    'MONTH MONTHNAME MONTHS_BETWEEN NEXT_DAY NOW PERIOD_DIFF QUARTER SECOND SEC_TO_TIME',
    'STATEMENT_TIMESTAMP STRFTIME STR_TO_DATE SUBDATE SUBTIME SWITCHOFFSET SYSDATE',
    'SYSDATETIME SYSDATETIMEOFFSET SYSUTCDATETIME TIME TIMEDIFF TIMESTAMP TIMESTAMPADD',
    'TIMESTAMPDIFF TIMEZONE TIME_FORMAT TIME_TO_SEC TODATETIMEOFFSET TO_DAYS',
    'TRANSACTION_TIMESTAMP UNIXEPOCH UNIX_TIMESTAMP UTC_DATE UTC_TIME UTC_TIMESTAMP WEEK',
    'WEEKDAY YEAR YEARWEEK',
    // The session and its server.
    'BIN_TO_UUID CHANGES COL_DESCRIPTION CONNECTION_ID CURRENT_DATABASE CURRENT_DATE',
    'CURRENT_SCHEMA CURRENT_SCHEMAS CURRENT_SETTING CURRENT_TIME CURRENT_TIMESTAMP',
    'CURRENT_USER CURRVAL DATABASE DB_NAME FORMAT_TYPE FOUND_ROWS GEN_RANDOM_UUID GEN_SALT',
    'GET_LOCK IS_UUID LASTVAL LAST_INSERT_ID LAST_INSERT_ROWID NEWID NEWSEQUENTIALID NEXTVAL',
    'OBJECT_ID OBJECT_NAME OBJ_DESCRIPTION OPENJSON RELEASE_LOCK ROW_COUNT SCHEMA SCHEMA_NAME',
    'SCOPE_IDENTITY SESSION_USER SETVAL SET_CONFIG SHOBJ_DESCRIPTION SLEEP SYSTEM_USER',
    'TO_REGCLASS TXID_CURRENT USER UUID UUID_GENERATE_V4 UUID_TO_BIN VERSION',
  ].flatMap((line) => line.split(' ')),
)

const HARMLESS_FAMILY = /^(?:ARRAY|COVAR|HAS|INET|JSON|JSONB|PG|REGEXP|REGR|ST|TS|XML)_[A-Z0-9_]+$/

const OPERATORS = '(,=<>+-*/%|&!~'

function isWordCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36 ||
    code >= 128
  )
}
