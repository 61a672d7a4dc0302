// What native/gpu/metal.mm uses of Apple's Foundation, by its documentation: for clang -fsyntax-only where there is no Mac.
#pragma once
#include <cstddef>

typedef unsigned long NSUInteger;
typedef long NSInteger;
typedef signed char BOOL;
#define NO ((BOOL)0)
#define nil nullptr
#define __MAC_OS_X_VERSION_MAX_ALLOWED 150000

__attribute__((objc_root_class))
@interface NSObject
+ (instancetype)alloc;
- (instancetype)init;
@end

@protocol NSObject
@end

@interface NSString : NSObject
+ (instancetype)stringWithUTF8String:(const char*)text;
@property(readonly) const char* UTF8String;
@end

@interface NSError : NSObject
@property(readonly, copy) NSString* localizedDescription;
@end

typedef struct {
  unsigned long state;
  id __unsafe_unretained* itemsPtr;
  unsigned long* mutationsPtr;
  unsigned long extra[5];
} NSFastEnumerationState;

@interface NSArray<Element> : NSObject
@property(readonly) Element firstObject;
- (NSUInteger)countByEnumeratingWithState:(NSFastEnumerationState*)state objects:(id __unsafe_unretained[])buffer count:(NSUInteger)count;
@end

@interface NSMutableDictionary<Key, Value> : NSObject
+ (instancetype)dictionary;
- (Value)objectForKeyedSubscript:(Key)key;
- (void)setObject:(Value)value forKeyedSubscript:(Key)key;
@end
