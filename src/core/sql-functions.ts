const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/))

/** Keywords after which a parenthesis holds an expression, a list or a query; and types with a size. */
const KEYWORDS = words(
  'ALL AND ANY ARRAY AS BETWEEN BY CASE DISTINCT ELSE EXCEPT EXISTS FILTER FROM HAVING ILIKE IN INTERSECT IS JOIN LATERAL ' +
    'LIKE LIMIT NOT NULL OFFSET ON OR OVER ROW ROWS SELECT SIMILAR SOME THEN TO UNION USING VALUES WHEN WHERE WITHIN GROUP ' +
    'END AGAINST ' +
    'BIT CHAR CHARACTER DATETIME DEC DECIMAL FLOAT NUMERIC NVARCHAR TIME TIMESTAMP TIMESTAMPTZ VARBINARY VARBIT VARCHAR VARYING',
)

/**
 * Functions of PostgreSQL, MySQL, MariaDB and SQLite that read no table. What is missing here is not cached
 * until it is declared; a wrong name in it would be read from the cache for too long.
 */
const READ_NO_TABLE = words(
  // Aggregates and windows
  'count sum avg min max every bool_and bool_or bit_and bit_or string_agg array_agg json_agg jsonb_agg json_object_agg ' +
    'jsonb_object_agg group_concat total json_arrayagg json_objectagg json_group_array json_group_object stddev stddev_pop ' +
    'stddev_samp variance var_pop var_samp corr percentile_cont percentile_disc mode row_number rank dense_rank percent_rank ' +
    'cume_dist ntile lag lead first_value last_value nth_value ' +
    // Choosing
    'coalesce nullif greatest least if ifnull iif nvl isnull cast convert try_cast ' +
    // Text
    'lower upper lcase ucase length char_length character_length octet_length bit_length substr substring substring_index left ' +
    'right trim ltrim rtrim btrim concat concat_ws replace repeat reverse lpad rpad position strpos instr locate overlay ' +
    'translate initcap ascii chr char unicode hex unhex quote_literal printf format split_part starts_with regexp_replace ' +
    'regexp_match regexp_matches regexp_like regexp_substr regexp_instr md5 sha1 sha2 sha256 encode decode to_char to_number ' +
    'soundex field find_in_set space collate glob like to_tsvector to_tsquery plainto_tsquery phraseto_tsquery ' +
    'websearch_to_tsquery ts_rank ts_rank_cd ts_headline setweight similarity word_similarity unaccent match ' +
    // Numbers
    'abs ceil ceiling floor round trunc truncate mod power pow sqrt exp ln log log2 log10 sign pi radians degrees sin cos tan ' +
    'asin acos atan atan2 div width_bucket ' +
    // Times
    'date time datetime timestamp julianday unixepoch strftime date_trunc date_part extract age make_date make_timestamp ' +
    'make_interval to_date to_timestamp date_format date_add date_sub adddate subdate datediff timediff timestampdiff ' +
    'timestampadd from_unixtime unix_timestamp year month day dayofmonth dayofweek dayofyear weekday week quarter hour minute ' +
    'second last_day str_to_date now current_timestamp current_date current_time localtime localtimestamp utc_timestamp curdate ' +
    'curtime ' +
    // JSON, arrays
    'json_extract json_value json_unquote json_contains json_length json_object json_array json_build_object json_build_array ' +
    'jsonb_build_object jsonb_build_array json_array_length jsonb_array_length jsonb_extract_path jsonb_extract_path_text ' +
    'json_extract_path_text jsonb_path_exists jsonb_set to_json to_jsonb row_to_json json_type json_typeof jsonb_typeof ' +
    'json_valid json_keys json_search json_overlaps json_set json_each json_tree json_array_elements jsonb_array_elements ' +
    'json_array_elements_text jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys array_length cardinality ' +
    'array_position array_to_string string_to_array array_append array_cat unnest generate_series',
)

/** A keyword, and no function. */
export function takesParentheses(word: string): boolean {
  return KEYWORDS.has(word)
}

/** By its unquoted and unqualified name. */
export function isReadOnlyFunction(name: string): boolean {
  return READ_NO_TABLE.has(name.toLowerCase())
}
